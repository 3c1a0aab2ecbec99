# A machine image for a cloud, with the first boot of all clones and a release baked in:
#   manage.py release --json      # its id, and where it and its wheels lie
#   packer build -var release=ID -var lock=LOCK -var folder=var/releases examples/clone.pkr.hcl
# Run it in the folder with manage.py. The cloud's own Debian brings the kernel and the
# network. There is no secret in the image: a new machine gets the small files of
# OPERATIONS.md, "First boot", into /etc/bakery/clone/, and then runs
# /sbin/bakery-first-boot; both may come from its user data.
# What is tested of this file is its form (`packer validate -syntax-only`).

variable "release" {
  type = string
}

variable "lock" {
  type = string
}

variable "folder" {
  type = string
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

source "amazon-ebs" "clone" {
  region        = var.region
  instance_type = "t3.small"
  ssh_username  = "admin"
  ami_name      = "bakery-clone-${var.release}"

  source_ami_filter {
    filters     = { name = "debian-12-amd64-*" }
    owners      = ["136693071363"] # Debian's own account
    most_recent = true
  }
}

build {
  sources = ["source.amazon-ebs.clone"]

  provisioner "file" {
    sources = [
      "${var.folder}/${var.release}.tar.gz",
      "${var.folder}/${var.release}.pyz",
      "${var.folder}/${var.lock}.tar",
      "bakery/image/tree/sbin/bakery-first-boot",
      "bakery/image/tree/usr/lib/bakery/join.py",
      "examples/bakery.service",
    ]
    destination = "/tmp/"
  }

  provisioner "shell" {
    execute_command = "sudo sh -eux '{{ .Path }}'"
    inline = [
      "apt-get update && apt-get install -y --no-install-recommends python3 python3-venv runit",
      "adduser --system --group --shell /bin/sh --home /srv/bakery bakery",
      "cd /srv/bakery && install -d -o bakery -g bakery service incoming && install -d -o bakery -g bakery -m 700 shared .ssh",
      "mkdir -p /home /usr/lib/bakery && ln -s /srv/bakery /home/bakery",
      "install -m 755 /tmp/bakery-first-boot /sbin/ && install -m 644 /tmp/join.py /usr/lib/bakery/",
      "install -m 644 /tmp/${var.release}.pyz /usr/lib/bakery/host.pyz",
      "install -m 644 /tmp/bakery.service /etc/systemd/system/ && systemctl enable bakery.service",
      "install -o bakery /tmp/${var.release}.tar.gz /tmp/${var.lock}.tar incoming/",
      "sudo -u bakery python3 /usr/lib/bakery/host.pyz install ${var.release} --base /srv/bakery",
      "rm -f /etc/ssh/ssh_host_* && truncate -s 0 /etc/machine-id",
    ]
  }
}
