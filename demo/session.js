// @ts-check
/** A session at the command line, told as a story: prints what is typed, what came back, and how long it took. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { styleText } from 'node:util';

const cairnProgram = join(import.meta.dirname, '..', 'bin', 'cairn');

/** @param {string} argument */
function asTyped(argument) {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument}'`;
}

/** @param {string} directory where the commands run */
export function openSession(directory) {
  let step = 0;
  let commands = 0;
  let commandsMs = 0;
  /** Who acts, when it is not the workspace's own. @type {string | undefined} */
  let author;

  /** @param {string} [line] */
  function say(line = '') {
    process.stdout.write(`${line}\n`);
  }

  /** @param {string} title */
  function chapter(title) {
    step++;
    say(`\n${styleText('bold', `${step}. ${title}`)}`);
  }

  /** @param {string} program @param {readonly string[]} args @param {readonly number[]} accepted exit statuses */
  function run(program, args, accepted) {
    const start = process.hrtime.bigint();
    const result = spawnSync(process.execPath, [program, ...args], {
      cwd: directory,
      encoding: 'utf8',
      env: author === undefined ? process.env : { ...process.env, CAIRN_AUTHOR: author },
    });
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    if (result.error) throw result.error;
    if (result.status === null || !accepted.includes(result.status)) {
      throw new Error(`${[program, ...args].join(' ')}\nended with ${result.status}\n${result.stdout}${result.stderr}`);
    }
    return { stdout: result.stdout, stderr: result.stderr, ms };
  }

  /** @param {readonly string[]} args @param {number} ms */
  function type(args, ms) {
    const who = author === undefined ? '' : `CAIRN_AUTHOR='${author}' `;
    const line = `${who}cairn ${args.map(asTyped).join(' ')}`;
    say(`${styleText('cyan', `   $ ${line}`)}  ${styleText('dim', `(${ms.toFixed(0)} ms)`)}`);
    commands++;
    commandsMs += ms;
  }

  /** @param {number} lines @param {string} text */
  function excerpt(lines, text) {
    const output = text.trimEnd().split('\n');
    for (const line of output.slice(0, lines)) say(`     ${line}`);
    if (output.length > lines) say(styleText('dim', `     … ${output.length - lines} more lines`));
  }

  return {
    say,
    chapter,

    /** Runs cairn for its JSON document; the story tells what it says. @param {string[]} args */
    ask(...args) {
      // Before the command's own words: behind `--` they belong to the program that `run` starts.
      const { stdout, ms } = run(cairnProgram, ['--json', ...args], [0]);
      type(args, ms);
      return JSON.parse(stdout);
    },

    /** Runs cairn and shows what a person would see, at most `lines` of it. @param {number} lines @param {string[]} args */
    show(lines, ...args) {
      const { stdout, ms } = run(cairnProgram, ['--no-pager', ...args], [0]);
      type(args, ms);
      excerpt(lines, stdout);
    },

    /** The same for a command whose answer is no (status 1). @param {number} lines @param {string[]} args */
    refuse(lines, ...args) {
      const { stdout, stderr, ms } = run(cairnProgram, ['--no-pager', ...args], [1]);
      type(args, ms);
      excerpt(lines, stdout + stderr);
    },

    /** What somebody else does. @param {string} who @param {() => void} work */
    as(who, work) {
      author = who;
      try {
        work();
      } finally {
        author = undefined;
      }
    },

    totals() {
      return { commands, seconds: commandsMs / 1000 };
    },
  };
}
