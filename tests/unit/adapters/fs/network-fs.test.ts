import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mountedType, networkFileSystem, networkName } from '../../../../src/adapters/fs/network-fs.ts';

const mountinfo = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /mnt/my\\040lab rw,nosuid shared:5 - fuse.sshfs me@lab:/data rw,user_id=1000
31 22 0:27 / /mnt/my\\040lab/usb rw - fuseblk /dev/sdb1 rw
32 22 0:28 / /mnt/crypt rw master:1 propagate_from:2 - fuse.gocryptfs /home/x rw
33 22 0:29 / /mnt/twice rw - tmpfs none rw
34 33 0:30 / /mnt/twice rw - fuse.rclone remote: rw
malformed line
`;

describe('mountedType', () => {
  test.each([
    ['/', 'ext4'],
    ['/home/x', 'ext4'],
    ['/mnt/my lab', 'fuse.sshfs'],
    ['/mnt/my lab/deep/er', 'fuse.sshfs'],
    ['/mnt/my laboratory', 'ext4'],
    ['/mnt/my lab/usb/x', 'fuseblk'],
    ['/mnt/crypt/x', 'fuse.gocryptfs'],
    ['/mnt/twice', 'fuse.rclone'],
  ])('finds what %s lies on', (path, type) => {
    expect(mountedType(path, mountinfo)).toBe(type);
  });

  test('says nothing without mounts', () => {
    expect(mountedType('/x', '')).toBeUndefined();
  });
});

describe('networkName', () => {
  const fuse = 0x65735546;
  test.each([
    [0x6969, 'NFS'],
    [0x517b, 'SMB'],
    [0xfe534d42, 'SMB'],
    [0xff534d42 | 0, 'CIFS'],
    [0x5346414f, 'AFS'],
    [0x01021997, '9p'],
    [0x0bd00bd0, 'Lustre'],
    [0x47504653, 'GPFS'],
    [0x00c36400, 'Ceph'],
  ])('knows the number %i as %s', (magic, name) => {
    expect(networkName(magic, () => undefined)).toBe(name);
  });

  test.each([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0])('takes %i for local', (magic) => {
    expect(networkName(magic, () => 'fuse.sshfs')).toBeUndefined();
  });

  test.each([
    ['fuse.sshfs', 'fuse.sshfs'],
    ['fuse.rclone', 'fuse.rclone'],
    ['fuse.glusterfs', 'fuse.glusterfs'],
    ['fuse.gocryptfs', undefined],
    ['fuseblk', undefined],
    [undefined, undefined],
  ])('asks for the type behind FUSE: %s is %s', (type, name) => {
    expect(networkName(fuse, () => type)).toBe(name);
  });
});

describe('networkFileSystem', () => {
  test('takes the temporary directory for local, also a part of it that does not exist yet', () => {
    expect(networkFileSystem(tmpdir())).toBeUndefined();
    expect(networkFileSystem(join(tmpdir(), 'not/yet/made'))).toBeUndefined();
  });

  test.skipIf(process.platform !== 'linux')('reports a path that cannot be looked at', () => {
    const dir = mkdtempSync(join(tmpdir(), 'cairn-net-'));
    writeFileSync(join(dir, 'file'), '');
    expect(() => networkFileSystem(join(dir, 'file/below'))).toThrow('a part of the path is not a directory');
    symlinkSync('loop', join(dir, 'loop'));
    expect(() => networkFileSystem(join(dir, 'loop'))).toThrow('too many symbolic links');
    rmSync(dir, { recursive: true });
  });
});
