"""What an installed wheel must do in an environment and a folder that hold nothing else."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import rugs_lab
from rugs_lab.resources import notebooks_dir


def when_it_listens(address, patience_s=30):
    """Open the address; Jupyter prints it a moment before it listens."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return urllib.request.urlopen(address, timeout=60)
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


command = str(Path(sys.executable).with_name("rugs-lab"))
assert Path(rugs_lab.__file__).is_relative_to(sys.prefix), rugs_lab.__file__
assert notebooks_dir().is_relative_to(sys.prefix), notebooks_dir()
assert (Path(rugs_lab.__file__).parent / "py.typed").is_file()

version = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout.strip()
assert version == f"rugs-lab {rugs_lab.__version__}", version
subprocess.run([command, "check", "--demo", "--seconds", "3"], check=True)

lab = subprocess.Popen([command, "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
try:
    for line in lab.stdout:
        print(line, end="")
        if "http://127.0.0.1:" in line and "token=" in line:
            address = line[line.index("http://") :].strip()
            break
    page = when_it_listens(address)
    assert page.status == 200, page.status
finally:
    lab.send_signal(2)
    lab.communicate(timeout=60)
assert lab.returncode == 0, lab.returncode
copies = {path.name for path in Path("rugs_lab_notebooks").glob("*.ipynb")}
assert copies == {path.name for path in notebooks_dir().glob("*.ipynb")}, copies
assert "01_live_watch.ipynb" in copies, copies
assert len(rugs_lab.sample()) > 200
print("an installed wheel works")
