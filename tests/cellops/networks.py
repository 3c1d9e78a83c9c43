"""Machines that are network namespaces, on switches that can lose a cable: no packet passes and nobody is told.

All of it lives in a namespace of our own and ends with it. Root may make one; everybody else makes it in a user
namespace, where the system allows that.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cellops.services.folders import ServiceFolder
from cellops.services.processes import ManagedProcess
from tests.system import wait_until

NETWORK = "10.90"
# What PostgreSQL asks of its account, not to be root, holds for the second one too.
OWN = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--user", "--map-current-user", "--keep-caps", "--net")
PROBE = """set -e
ip link set lo up
ip link add test0 type bridge
unshare --net sleep 60 &
trap "kill $!" EXIT
ip link add test1 type veth peer name test2
ip link set test1 master test0 up
bridge link set dev test1 state 0
test -e /proc/$!/ns/net
nsenter --net=/proc/$!/ns/net true
"""


def why_not() -> str:
    """Why this machine lets us make no networks; empty where it does."""
    if sys.platform != "linux":
        return "only Linux has network namespaces"
    if missing := [name for name in ("unshare", "nsenter", "ip", "bridge") if not shutil.which(name)]:
        return f"{', '.join(missing)} not installed (util-linux, iproute2)"
    tried = subprocess.run([*OWN, "sh", "-c", PROBE], capture_output=True, text=True, timeout=60, check=False)
    return f"network namespaces may not be made here: {tried.stderr.strip()}" if tried.returncode else ""


def run(*command: str) -> None:
    """Run a command of the system's; its words go where ours go."""
    subprocess.run(command, check=True, timeout=60)


class Switch:
    """A network of this number; this side has the address `.1` in it."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.number = name, number
        run("ip", "link", "add", name, "type", "bridge")
        run("ip", "address", "add", f"{self.address(1)}/24", "dev", name)
        run("ip", "link", "set", name, "up")

    def address(self, host: int) -> str:
        """The address of a machine in this network."""
        return f"{NETWORK}.{self.number}.{host}"

    def lose(self, machine: "Machine") -> None:
        """From now on no packet passes between this machine and the switch; its cable looks as sound as before."""
        run("bridge", "link", "set", "dev", machine.port(self), "state", "0")

    def find(self, machine: "Machine") -> None:
        """Packets pass again."""
        run("bridge", "link", "set", "dev", machine.port(self), "state", "3")


class Machine:
    """A namespace that one sleeping process keeps, with a cable to each of these switches."""

    def __init__(self, name: str, host: int, *switches: Switch, folder: ServiceFolder) -> None:
        self.name = name
        self.keeper = ManagedProcess(name=f"{name}-machine", command=["unshare", "--net", "sleep", "1d"], folder=folder)
        self.keeper.start()
        self.place = Path(f"/proc/{self.keeper.pid}/ns/net")
        ours = Path("/proc/self/ns/net").readlink()
        wait_until(lambda: self.place.readlink() != ours, "the namespace is there")
        run(*self.inside, "ip", "link", "set", "lo", "up")
        for switch in switches:
            self._plug_in(switch, host)

    @property
    def inside(self) -> tuple[str, ...]:
        """What stands before a command that is to run on this machine."""
        return ("nsenter", f"--net={self.place}")

    def port(self, switch: Switch) -> str:
        """The switch's end of the cable."""
        return f"{switch.name}-{self.name}"

    def _plug_in(self, switch: Switch, host: int) -> None:
        port, pid = self.port(switch), str(self.keeper.pid)
        run("ip", "link", "add", port, "type", "veth", "peer", "name", switch.name, "netns", pid)
        run("ip", "link", "set", port, "master", switch.name, "up")
        run(*self.inside, "ip", "address", "add", f"{switch.address(host)}/24", "dev", switch.name)
        run(*self.inside, "ip", "link", "set", switch.name, "up")
