#!/bin/sh
# corosync-host.sh NAME <corosync.conf
# corosync in the foreground, in a mount namespace of its own: what it keeps in files is seen by nobody else and
# gone with it. Says `ready` when its clients can enter the namespace. Needs the namespaces mount, net and uts.
set -e
hostname "$1"
mkdir -p /etc/corosync /var/lib/corosync
for directory in /etc/corosync /var/lib/corosync /dev/shm /run; do
  mount -t tmpfs tmpfs "$directory"
done
chmod 1777 /dev/shm
cat >/etc/corosync/corosync.conf
echo ready
exec corosync -f </dev/null >/dev/null
