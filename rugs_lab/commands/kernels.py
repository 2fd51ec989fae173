"""Which Python a notebook's kernel runs on when ``rugs-lab`` opened JupyterLab.

A notebook asks for the kernel "python3", and Jupyter takes the first kernel of that name that it finds:
one that another environment once registered for this user may come before ours, and then ``import
rugs_lab`` fails in the notebook although it is installed. `OwnPythonKernels` answers "python3" with the
interpreter that runs the server, in memory: nothing is registered or written, and every other kernel
stays on offer.
"""

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager


class OwnPythonKernels(KernelSpecManager):
    """Jupyter's own search for kernels, except that "python3" is always this interpreter."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Map kernel names to their folders, "python3" to ipykernel's own."""
        return {**super().find_kernel_specs(), NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernel of that name; for "python3" one whose command starts with `sys.executable`."""
        if kernel_name.lower() != NATIVE_KERNEL_NAME:
            return super().get_kernel_spec(kernel_name)
        spec: KernelSpec = self.kernel_spec_class(resource_dir=RESOURCES, **get_kernel_dict())
        return spec
