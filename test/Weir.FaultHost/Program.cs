using System.Runtime.InteropServices;
using Weir.FaultHost;

// weir-fault-host agent|drain|up: the agent and the server as they ship, on a file system that fails or kills them at a named step.
using var stop = new CancellationTokenSource();
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});
var arguments = new HostArguments(args);
switch (arguments.Mode)
{
    case "agent":
        await AgentMode.RunAsync(arguments, stop.Token);
        return 0;
    case "drain":
        return await DrainMode.RunAsync(arguments, stop.Token) ? 0 : 1;
    case "up":
        await UpMode.RunAsync(arguments, stop.Token);
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: weir-fault-host agent|drain|up --data DIR ...");
        return 2;
}
