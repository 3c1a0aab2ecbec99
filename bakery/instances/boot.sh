# Becomes the first process of a host that consists of namespaces. Has its own process,
# mount, host name and network namespaces when it begins; $1 is its name, $2 the folder of
# the host, $3 the image. Says "apart" and goes on when it is told that the network is there.
set -eu
echo apart
read -r address gateway
exec >>"$2/console" 2>&1 </dev/null
hostname "$1"
mount --make-rprivate /
root="$2/root"
mount -t overlay overlay -o "lowerdir=$3,upperdir=$2/upper,workdir=$2/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
    set -- "$1" "$2" "$3" $node
    mknod -m 666 "$root/dev/$4" c "$5" "$6"
done
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
ip link set lo up
ip address add "$address/24" dev eth0
ip link set eth0 up
ip route add default via "$gateway"
cd "$root"
pivot_root . mnt
exec chroot . /bin/sh -c 'umount -l /mnt; exec /sbin/bakery-init'
