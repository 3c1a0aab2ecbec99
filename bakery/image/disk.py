"""The image as a virtual machine: a disk, a kernel, and what the kernel starts with.

The kernel is Debian's own for clouds. Nothing here needs to mount anything.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from bakery.image.rootfs import SUITE, ImageError, alone, digest, run
from bakery.image.superclone import Image

KERNEL_PACKAGES = ["linux-image-cloud-amd64", "busybox-static"]
ROOM = 600  # megabytes on the disk beyond the image
MODULES = [
    "virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev",
    "virtio_pci", "virtio_blk", "failover", "net_failover", "virtio_net",
]  # fmt: skip
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
# Some need others: as often as it takes, in whatever order.
for turn in 1 2 3 4; do
    for module in /modules/*; do /bin/busybox insmod "$module" 2>/dev/null; done
done
until [ -b /dev/vda ]; do /bin/busybox usleep 20000; done
/bin/busybox mount -t ext4 /dev/vda /root || exec /bin/busybox sh
/bin/busybox umount /proc
/bin/busybox mount -o move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/bakery-init
"""
RUN = """#!/bin/sh
# Boots this image in qemu, without acceleration if there is none:
#   ./run [PORT OF ITS WEB SERVER HERE] [CONFIG DRIVE]
# Nothing of it is kept: the disk itself is not written to.
cd "$(dirname "$0")" || exit 1
[ -r /dev/kvm ] && [ -n "$KVM" ] && accel=kvm || accel=tcg,thread=multi
[ -n "${2:-}" ] && drive="-drive file=$2,format=raw,if=virtio,readonly=on"
exec qemu-system-x86_64 -accel $accel -m "${MEMORY:-1024}" -smp "${CPUS:-1}" \\
    -nographic -no-reboot -kernel vmlinuz -initrd initrd.gz \\
    -append "console=ttyS0 quiet panic=-1 net.ifnames=0" \\
    -drive file=disk.img,format=raw,if=virtio,snapshot=on ${drive:-} \\
    -netdev user,id=n,hostfwd=tcp:127.0.0.1:${1:-18000}-:8000 \\
    -device virtio-net-pci,netdev=n
"""


def write_disk(
    image: Image, folder: Path, cache: Path, say: Callable[[str], object] = lambda w: 0
) -> None:
    """Write disk.img, vmlinuz, initrd.gz and run into the folder. Raises ImageError."""
    folder.mkdir(parents=True, exist_ok=True)
    kernel = _kernel(cache, say)
    say("Writing the disk.")
    used = int(run("du", "-sm", str(image.folder)).split()[0])
    make_file_system(image.folder, folder / "disk.img", used + ROOM, "bakery-root")
    shutil.copyfile(_one(kernel, "boot/vmlinuz-*"), folder / "vmlinuz")
    (folder / "initrd.gz").write_bytes(gzip.compress(_initrd(kernel), 6, mtime=0))
    (folder / "run").write_text(RUN)
    (folder / "run").chmod(0o755)


def write_drive(files: Path, path: Path) -> None:
    """A config drive out of a folder of files: see /sbin/bakery-first-boot."""
    make_file_system(files, path, 4, "bakery")


def make_file_system(source: Path, path: Path, megabytes: int, label: str) -> None:
    """A file with an ext4 file system in which the source's files are."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    run("mke2fs", "-q", "-F", "-t", "ext4", "-L", label, "-d", str(source), "-m", "0",
        str(draft), f"{megabytes}M")  # fmt: skip
    draft.replace(path)


def _kernel(cache: Path, say: Callable[[str], object]) -> Path:
    """Debian's kernel and busybox, unpacked and not installed."""
    folder = cache / f"kernel-{digest([SUITE, *KERNEL_PACKAGES])}"
    with alone(cache):
        if not folder.exists():
            say("Fetching a kernel.")
            draft = folder.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            included = f"--include={','.join(KERNEL_PACKAGES)}"
            run("mmdebstrap", "--variant=extract", "--format=directory", included,
                SUITE, str(draft))  # fmt: skip
            draft.replace(folder)
    return folder


def _initrd(kernel: Path) -> bytes:
    """Just enough to find the disk: busybox, the modules in their order, one script."""
    busybox = _one(kernel, "bin/busybox").read_bytes()
    entries = [
        (name, 0o040755, b"") for name in ("bin", "dev", "proc", "root", "modules")
    ]
    entries += [("bin/busybox", 0o100755, busybox), ("init", 0o100755, INIT.encode())]
    for number, name in enumerate(MODULES):
        found = next(iter(kernel.glob(f"lib/modules/*/kernel/**/{name}.ko")), None)
        if found is None:
            raise ImageError(f"The kernel has no module {name}.")
        entries.append((f"modules/{number:02}.ko", 0o100644, found.read_bytes()))
    return b"".join(_cpio([*entries, ("TRAILER!!!", 0, b"")]))


def _cpio(entries: list[tuple[str, int, bytes]]) -> Iterator[bytes]:
    """The format that kernels unpack: a line of hexadecimal numbers for each file."""
    for number, (name, mode, content) in enumerate(entries, 1):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08X" % value for value in fields)
        yield _filled(head + name.encode() + b"\0")
        yield _filled(content)


def _filled(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % 4)


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise ImageError(f"There is no {pattern} in Debian's packages.")
    return found[-1]
