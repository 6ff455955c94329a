#!/usr/bin/env node
// Adds to package-lock.json the optional platform packages that npm left out.
//
//   node scripts/lock-platforms.mjs            writes package-lock.json
//   node scripts/lock-platforms.mjs --check    changes nothing; exits with code 1 if something is missing
//
// npm leaves an optional package out of the lock file when its registry does not serve the package. npm 11
// then refuses `npm ci` on every machine ("Missing: … from lock file"), and a Mac would get no binaries. Run
// this script after every change to the dependencies. It is idempotent.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, file: { type: 'string' } },
});
const path = values.file ?? new URL('../package-lock.json', import.meta.url);
const before = readFileSync(path, 'utf8');
const lock = JSON.parse(before);
const added = addPlatforms(lock.packages);
const dropped = dropAddresses(lock.packages);
lock.packages = sorted(lock.packages);
const after = `${JSON.stringify(lock, undefined, 2)}\n`;

if (after === before) {
  console.log('package-lock.json contains every platform.');
} else if (values.check) {
  console.error(
    `package-lock.json is not complete: ${describeChanges()}. Run: node scripts/lock-platforms.mjs`,
  );
  process.exitCode = 1;
} else {
  writeFileSync(path, after);
  console.log(`package-lock.json: ${describeChanges()}.`);
}

/** Adds an entry for each optional dependency without one. @returns the names that it added. */
function addPlatforms(packages) {
  const names = [];
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (hasEntry(packages, path, name, range)) continue;
      const top = `node_modules/${name}`;
      packages[packages[top] ? `${path}/${top}` : top] = platformEntry(name, range, entry);
      names.push(name);
    }
  }
  return names;
}

/**
 * Resolves a package like Node: in the dependent package itself, then in every folder above it. The first
 * match must have the right version.
 */
function hasEntry(packages, path, name, range) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`];
    if (found) return !exact.test(range) || found.version === range;
    if (folder === '') return false;
  }
}

/** Has no `integrity`, because the package is not on this machine. npm then trusts the registry. */
function platformEntry(name, range, parent) {
  if (!exact.test(range)) {
    throw new Error(
      `${name} has the range ${range}: expected an exact version. Add its entry to package-lock.json by hand.`,
    );
  }
  const { os, cpu, libc } = parsePlatform(name);
  return {
    version: range,
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(parent.dev ? { dev: true } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  };
}

/** Parses `@swc/core-linux-arm64-musl` into linux, arm64 and musl. */
function parsePlatform(name) {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = words.find((word) =>
    [
      'aix',
      'android',
      'darwin',
      'freebsd',
      'linux',
      'netbsd',
      'openbsd',
      'openharmony',
      'sunos',
      'win32',
    ].includes(word),
  );
  const cpu = words.find((word) =>
    ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'].includes(word),
  );
  if (!os)
    throw new Error(
      `The platform of ${name} cannot be read from its name. Add its entry to package-lock.json by hand.`,
    );
  const libc =
    os !== 'linux'
      ? undefined
      : words.some((word) => word.startsWith('musl'))
        ? 'musl'
        : words.some((word) => word.startsWith('gnu'))
          ? 'glibc'
          : undefined;
  return { os, cpu, libc };
}

/**
 * A lock file from a private registry contains addresses that other machines can't reach. Without addresses,
 * npm uses its configured registry.
 */
function dropAddresses(packages) {
  let count = 0;
  for (const entry of Object.values(packages)) {
    if (!/^https?:/.test(entry.resolved ?? '')) continue;
    delete entry.resolved;
    count += 1;
  }
  return count;
}

/** Sorts the entries like npm. */
function sorted(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
}

function describeChanges() {
  const changes = [];
  if (added.length > 0)
    changes.push(
      `${added.length} optional packages added (${added.slice(0, 3).join(', ')}${added.length > 3 ? ', …' : ''})`,
    );
  if (dropped > 0) changes.push(`${dropped} registry addresses dropped`);
  return changes.join('; ') || 'entries sorted';
}
