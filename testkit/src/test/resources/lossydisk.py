#!/usr/bin/env python3
"""A disk that forgets what was not synced: lossydisk.py BACKING MOUNT [SEED]

Passes everything through to BACKING/live and remembers, until the sync that makes it durable, how to take it back: the
bytes each write and truncation replaced, and each change of a name. A sync of a file makes its content durable, the name
it got last, and the folders above it, as journaling file systems do; a sync of a folder every change of a name in it.
A name that durable state still needs keeps its file alive in BACKING/kept.

Reads one command a line from standard input and answers each with a line, "ok" or "error: …":
  lose             power cut: everything not synced is gone
  torn             power cut, but some files keep their unsynced writes up to a random byte of the last, and names
                   their oldest changes, also of files that keep nothing
  eio-sync TEXT    the next sync of a path that holds TEXT fails with EIO, and what it should have synced is gone
  slow-sync MS     every sync takes so much longer; 0 ends it
  flip PATH BYTE   inverts one bit of that byte of a file, durably
  eio-pending      answers "yes" while the sync that is to fail has not come, else "no"
"""
import errno
import os
import random
import stat
import sys
import threading
import time

try:
    from fusepy import FUSE, FuseOSError, Operations
except ImportError:
    from fuse import FUSE, FuseOSError, Operations


class Disk(Operations):
    def __init__(self, backing, seed):
        self.live = os.path.join(backing, "live")
        self.kept = os.path.join(backing, "kept")
        os.makedirs(self.live)
        os.makedirs(self.kept)
        self.guard = threading.RLock()
        self.random = random.Random(seed)
        self.undo = {}  # inode -> [(size before, offset, bytes replaced, bytes written)]
        self.names = []  # unsynced changes, oldest first: (inode named, {path: what was there})
        self.slow_seconds = 0.0
        self.failing = None

    def at(self, path):
        return self.live + path

    # Names: every change says what it did to which path, so that it can be made durable or taken back by itself.

    def changed(self, inode, *changes):
        """Takes (path, what was there) for each path: None, "folder" or the inode of a kept file."""
        self.names.append((inode, dict(changes)))

    def keep(self, path):
        """Holds on to the file so that its name can come back; returns its inode."""
        status = os.lstat(self.at(path))
        if stat.S_ISDIR(status.st_mode):
            return "folder"
        kept = os.path.join(self.kept, str(status.st_ino))
        if not os.path.exists(kept):
            os.link(self.at(path), kept)
        return status.st_ino

    def settle(self, wanted):
        """Makes durable what is wanted and what that stands on: earlier changes of its names and of folders above."""
        if not any(wanted(change) for change in self.names):
            return
        rest, needed = [], set()
        for change in reversed(self.names):
            paths = set(change[1])
            if wanted(change) or not needed.isdisjoint(paths):
                needed.update(paths, *(folders_above(path) for path in paths))
            else:
                rest.append(change)
        self.names = rest[::-1]
        self.forget_kept()

    def forget_kept(self):
        needed = {str(before) for _, change in self.names for before in change.values()}
        for name in os.listdir(self.kept):
            if name not in needed:
                file = os.path.join(self.kept, name)
                if os.lstat(file).st_nlink == 1:
                    self.undo.pop(int(name), None)
                os.unlink(file)

    def take_back_names(self):
        for _, change in reversed(self.names):
            for path, before in change.items():
                here = self.at(path)
                if os.path.isdir(here) and not os.path.islink(here):
                    if before != "folder":
                        os.rmdir(here)
                elif os.path.lexists(here):
                    os.unlink(here)
                if before == "folder":
                    os.makedirs(here, exist_ok=True)
                elif before is not None:
                    os.link(os.path.join(self.kept, str(before)), here)
        self.names = []
        self.forget_kept()

    def create(self, path, mode, fi=None):
        with self.guard:
            fd = os.open(self.at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
            self.changed(os.fstat(fd).st_ino, (path, None))
            return fd

    def mkdir(self, path, mode):
        with self.guard:
            os.mkdir(self.at(path), mode)
            self.changed(None, (path, None))

    def rmdir(self, path):
        with self.guard:
            os.rmdir(self.at(path))
            self.changed(None, (path, "folder"))

    def unlink(self, path):
        with self.guard:
            inode = self.keep(path)
            os.unlink(self.at(path))
            self.changed(None, (path, inode))

    def link(self, target, source):
        with self.guard:
            os.link(self.at(source), self.at(target))
            self.changed(os.lstat(self.at(target)).st_ino, (target, None))

    def rename(self, old, new):
        with self.guard:
            inode = self.keep(old)
            if inode == "folder":
                raise FuseOSError(errno.EPERM)
            before = self.keep(new) if os.path.lexists(self.at(new)) else None
            os.rename(self.at(old), self.at(new))
            self.changed(inode, (old, inode), (new, before))

    # Content: what is not synced is in the live file, and can be taken back.

    def replaced(self, fd, size, offset, length, written):
        self.undo.setdefault(os.fstat(fd).st_ino, []).append((size, offset, os.pread(fd, length, offset), written))

    def write(self, path, data, offset, fh):
        with self.guard:
            self.replaced(fh, os.fstat(fh).st_size, offset, len(data), bytes(data))
            return os.pwrite(fh, data, offset)

    def truncate(self, path, length, fh=None):
        with self.guard:
            fd = os.open(self.at(path), os.O_RDWR)
            try:
                size = os.fstat(fd).st_size
                self.replaced(fd, size, length, max(0, size - length), None)
                os.ftruncate(fd, length)
            finally:
                os.close(fd)

    def take_back(self, inode, file, keep_some):
        writes = self.undo.pop(inode, [])
        if not writes:
            return
        fd = os.open(file, os.O_RDWR)
        try:
            last = writes[-1]
            for size, offset, before, _ in reversed(writes[-1:] if keep_some else writes):
                os.pwrite(fd, before, offset)
                os.ftruncate(fd, size)
            if keep_some and last[3]:
                os.pwrite(fd, last[3][: self.random.randrange(len(last[3]))], last[1])
        finally:
            os.close(fd)

    def files(self):
        """A path of every inode, also of those that only durable state still knows."""
        found = {}
        for root in (self.kept, self.live):
            for folder, _, names in os.walk(root):
                for name in names:
                    file = os.path.join(folder, name)
                    found[os.lstat(file).st_ino] = file
        return found

    def power_cut(self, keep_some):
        files = self.files()
        for inode in list(self.undo):
            if inode in files:
                self.take_back(inode, files[inode], keep_some and self.random.random() < 0.7)
        self.undo.clear()
        if keep_some:
            del self.names[: self.random.randrange(len(self.names) + 1)]
        self.take_back_names()

    def fsync(self, path, datasync, fh):
        if self.slow_seconds:
            time.sleep(self.slow_seconds)
        with self.guard:
            inode = os.fstat(fh).st_ino
            if self.failing is not None and self.failing in path:
                self.failing = None
                self.take_back(inode, self.at(path), False)
                raise FuseOSError(errno.EIO)
            self.undo.pop(inode, None)
            self.settle(lambda change: change[0] == inode)

    def fsyncdir(self, path, datasync, fh):
        if self.slow_seconds:
            time.sleep(self.slow_seconds)
        with self.guard:
            self.settle(lambda change: any(os.path.dirname(name) == path for name in change[1]))

    # What changes nothing that a power cut could take.

    def open(self, path, flags):
        access = os.O_RDWR if flags & os.O_ACCMODE else os.O_RDONLY
        return os.open(self.at(path), access)

    def release(self, path, fh):
        os.close(fh)

    def read(self, path, size, offset, fh):
        return os.pread(fh, size, offset)

    def flush(self, path, fh):
        return 0

    def getattr(self, path, fh=None):
        status = os.lstat(self.at(path))
        fields = "st_mode st_nlink st_uid st_gid st_size st_atime st_mtime st_ctime st_ino".split()
        return {field: getattr(status, field) for field in fields}

    def readdir(self, path, fh):
        return [".", ".."] + os.listdir(self.at(path))

    def access(self, path, mode):
        return 0

    def chmod(self, path, mode):
        os.chmod(self.at(path), mode)

    def chown(self, path, uid, gid):
        os.chown(self.at(path), uid, gid)

    def utimens(self, path, times=None):
        os.utime(self.at(path), times)

    def statfs(self, path):
        status = os.statvfs(self.live)
        fields = "f_bavail f_bfree f_blocks f_bsize f_favail f_ffree f_files f_frsize f_namemax".split()
        return {field: getattr(status, field) for field in fields}

    # Commands.

    def obey(self, words):
        with self.guard:
            match words:
                case ["lose"]:
                    self.power_cut(False)
                case ["torn"]:
                    self.power_cut(True)
                case ["eio-sync", text]:
                    self.failing = text
                case ["slow-sync", millis]:
                    self.slow_seconds = int(millis) / 1000
                case ["flip", path, offset]:
                    fd = os.open(self.at(path), os.O_RDWR)
                    byte = os.pread(fd, 1, int(offset))
                    os.pwrite(fd, bytes([byte[0] ^ 1]), int(offset))
                    os.close(fd)
                case ["eio-pending"]:
                    return "no" if self.failing is None else "yes"
                case _:
                    raise ValueError("unknown command")
            return "ok"

    def listen(self):
        for line in sys.stdin:
            try:
                answer = self.obey(line.split())
            except Exception as problem:  # whoever gave the command has to know
                answer = f"error: {problem!r}"
            print(answer, flush=True)


def folders_above(path):
    while path != "/":
        path = os.path.dirname(path)
        yield path


if __name__ == "__main__":
    disk = Disk(os.path.abspath(sys.argv[1]), sys.argv[3] if len(sys.argv) > 3 else "0")
    threading.Thread(target=disk.listen, daemon=True).start()
    # Nothing is cached by the kernel, or it would remember what the disk forgot.
    FUSE(disk, sys.argv[2], foreground=True, attr_timeout=0, entry_timeout=0, negative_timeout=0,
         big_writes=True, max_write=131072, fsname="lossydisk")
