#!/bin/sh
# Runs once, inside the root file system that is to become the image.
set -eu
groupadd --system --gid 900 bakery
useradd --system --uid 900 --gid bakery --home-dir /home/bakery --create-home --shell /bin/bash bakery
# No password fits, and yet the account is not locked: a key lets in.
usermod --password '*' bakery
install -d -o bakery -g bakery -m 700 /home/bakery/.ssh
for part in '' /releases /environments /wheels /incoming /shared /var /log /service; do
    install -d -o bakery -g bakery -m 755 "/srv/bakery$part"
done
chmod 700 /srv/bakery/shared

# What would be the same on every clone, or tells how the image came about.
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /etc/hostname /etc/resolv.conf
: >/etc/machine-id
find /var/log -type f -delete
rm -rf /var/cache/apt/* /var/lib/apt/lists/* /tmp/* /var/tmp/* /root/.bash_history
