/**
 * Environment variables that change what a program computes, and are therefore recorded with a run when they are set. An
 * allow-list: anything else may hold a secret. `cairn.yaml` adds names of its own.
 */
export const recordedVariables: readonly string[] = [
  // language and time
  'LANG',
  'LC_ALL',
  'LC_COLLATE',
  'LC_CTYPE',
  'LC_NUMERIC',
  'LC_TIME',
  'TZ',
  'SOURCE_DATE_EPOCH',
  // threads and devices: the order of sums, and so the last digits
  'BLIS_NUM_THREADS',
  'CUBLAS_WORKSPACE_CONFIG',
  'CUDA_VISIBLE_DEVICES',
  'MKL_CBWR',
  'MKL_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'OMP_NUM_THREADS',
  'OPENBLAS_CORETYPE',
  'OPENBLAS_NUM_THREADS',
  'TF_DETERMINISTIC_OPS',
  'VECLIB_MAXIMUM_THREADS',
  // python
  'CONDA_DEFAULT_ENV',
  'CONDA_PREFIX',
  'PYTHONDONTWRITEBYTECODE',
  'PYTHONHASHSEED',
  'PYTHONHOME',
  'PYTHONNOUSERSITE',
  'PYTHONOPTIMIZE',
  'PYTHONPATH',
  'PYTHONUTF8',
  'VIRTUAL_ENV',
  // node
  'NODE_ENV',
  'NODE_OPTIONS',
  'NODE_PATH',
  // R
  'R_ENVIRON_USER',
  'R_LIBS',
  'R_LIBS_SITE',
  'R_LIBS_USER',
  'R_PROFILE_USER',
  'RENV_PROJECT',
  // julia
  'JULIA_DEPOT_PATH',
  'JULIA_LOAD_PATH',
  'JULIA_NUM_THREADS',
  'JULIA_PROJECT',
];

/** The recorded variables that are set, by name; `more` are further names. */
export function recordedEnvironment(
  env: { readonly [name: string]: string | undefined },
  more: readonly string[] = [],
): { readonly [name: string]: string } {
  const found: [string, string][] = [];
  for (const name of [...new Set([...recordedVariables, ...more])].sort()) {
    const value = env[name];
    if (value !== undefined) found.push([name, value.toWellFormed()]);
  }
  return Object.fromEntries(found);
}
