"""Check of ONNX Runtime's plug-ins: which are installed, whether they load, and which devices they find."""

from live.doctor.case import Case
from live.doctor.finding import Finding, not_applicable, ok, warning
from live.inference.plugins import PLUGINS, device_names, missing
from live.process.bounded import in_process

# Time for each of them.
PLUGIN_SECONDS = 60.0


def check_plugins(case: Case) -> Finding:
    """Load each plug-in that is installed in a process of its own, and list its devices."""
    here = [provider for provider in PLUGINS if not missing(provider)]
    if not here:
        return not_applicable("no plug-in of ONNX Runtime is installed")
    facts, all_found = [], True
    for provider in here:
        try:
            found = ", ".join(in_process(device_names, provider, seconds=PLUGIN_SECONDS))
        # A library may fail with anything.
        except Exception as error:
            found, all_found = f"does not load ({error})", False
        else:
            all_found &= bool(found)
        facts.append(f"{PLUGINS[provider].name}: {found or 'finds no device'}")
    fact = "; ".join(facts)
    if all_found:
        return ok(fact)
    return warning(fact, "install or update the driver of the GPU (on Linux with Vulkan), or uninstall the plug-in")
