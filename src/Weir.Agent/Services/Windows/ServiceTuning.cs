using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Weir.Agent.Services.Windows;

/// <summary>What a service has besides program and account: description, delayed start, restarts, SID, time at shutdown.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class ServiceTuning
{
    private const int RestartAction = 1;
    private const uint UnrestrictedSid = 1;
    private const uint ResetAfterS = 86_400;
    private const int InvalidLevel = 124;

    private static readonly uint[] RestartDelaysMs = [5_000, 30_000, 60_000];

    /// <summary>Gives a service all of it.</summary>
    /// <returns>Null; or what this system does not know and so was left out.</returns>
    public static string? Apply(ServiceHandle service)
    {
        List<string> missing = [];
        fixed (char* description = ServiceSettings.Description)
        fixed (uint* delays = RestartDelaysMs)
        {
            char* text = description;
            Set(service, 1, &text, "its description", missing);
            uint on = 1;
            Set(service, 3, &on, "the delayed start", missing);
            ServiceNativeMethods.FailureAction* actions = stackalloc ServiceNativeMethods.FailureAction[RestartDelaysMs.Length];
            for (int at = 0; at < RestartDelaysMs.Length; at++) actions[at] = new() { Kind = RestartAction, DelayMs = delays[at] };
            var failures = new ServiceNativeMethods.FailureActions { ResetAfterS = ResetAfterS, Count = (uint)RestartDelaysMs.Length, Actions = actions };
            Set(service, 2, &failures, "the restarts after failures", missing);
            // Also where it ends by itself with an exit code, not only where it crashes.
            Set(service, 4, &on, "the restarts after errors", missing);
            uint sid = UnrestrictedSid;
            Set(service, 5, &sid, "its own SID", missing);
            uint preshutdownMs = (uint)ServiceProcess.StopLimit.TotalMilliseconds;
            Set(service, 7, &preshutdownMs, "the time at shutdown", missing);
        }

        return missing.Count == 0 ? null : $"this system does not know {string.Join(", ", missing)}: left out";
    }

    private static void Set(ServiceHandle service, uint level, void* info, string what, List<string> missing)
    {
        if (ServiceNativeMethods.ChangeServiceConfig2W(service, level, info)) return;
        int code = Marshal.GetLastPInvokeError();
        if (code != InvalidLevel) throw ServiceHandle.Refusal($"set {what}", code);
        missing.Add(what);
    }
}
