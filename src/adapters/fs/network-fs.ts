/**
 * Tells network file systems, on which the locks and the order of writes that a store rests on cannot be relied on.
 *
 * Linux says what a directory lies on by the magic number of statfs(2). FUSE has one number for everything, so there the
 * type is looked up in /proc/self/mountinfo. On other systems nothing is known, and nothing is refused.
 */
import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError, systemErrorCode } from '../../core/system-error.ts';

const networkMagic: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x01021997, '9p'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x00c36400, 'Ceph'],
  [0x19830326, 'BeeGFS'],
  [0xaad7aaea, 'PanFS'],
]);
const fuseMagic = 0x65735546;

/** FUSE types that are remote; others (encryption, NTFS, archives) are as local as what lies below them. */
const remoteFuse =
  /^fuse\.(?:sshfs|s3fs|rclone|gcsfuse|glusterfs|ceph|ceph-fuse|juicefs|davfs|curlftpfs|nfs|smbnetfs|mount-s3|goofys|lizardfs|moosefs|mfs|seaweedfs|weed)$/;

/** Undoes the octal escapes of mountinfo (`\040` for a space). */
function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/**
 * The type of the file system that `path` (absolute, without links) lies on, from the text of /proc/self/mountinfo: the
 * longest mount point above it, and of several on one point the last.
 */
export function mountedType(path: string, mountinfo: string): string | undefined {
  let longest = -1;
  let type: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const point = unescapeField(fields[4] ?? '');
    const above = point === '/' || path === point || path.startsWith(`${point}/`);
    if (separator < 0 || !above || point.length < longest) continue;
    longest = point.length;
    type = fields[separator + 1];
  }
  return type;
}

/** The name for a magic number of statfs; `fuseType` is asked for where the number says FUSE. */
export function networkName(magic: number, fuseType: () => string | undefined): string | undefined {
  // Node gives the kernel's long, which may have come out negative.
  const unsigned = magic >>> 0;
  if (unsigned !== fuseMagic) return networkMagic.get(unsigned);
  const type = fuseType();
  return type !== undefined && remoteFuse.test(type) ? type : undefined;
}

/** The closest directory above that exists, which is where a new directory would lie. */
function existing(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    try {
      return realpathSync(at);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT' || dirname(at) === at) throw error;
    }
  }
}

/** Name of the network file system that `dir` lies, or would lie, on; undefined for a local one. */
export function networkFileSystem(dir: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const path = existing(dir);
    return networkName(statfsSync(path).type, () => mountedType(path, readFileSync('/proc/self/mountinfo', 'utf8')));
  } catch (error) {
    throw systemError('cannot tell the file system of', error, dir);
  }
}
