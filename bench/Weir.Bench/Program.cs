using System.CommandLine;
using Weir.Bench.Codec;
using Weir.Bench.Connect;
using Weir.Bench.EndToEnd;
using Weir.Bench.Faults;
using Weir.Bench.Footprint;
using Weir.Bench.Garbage;
using Weir.Bench.Gateway;
using Weir.Bench.Lanes;
using Weir.Bench.Links;
using Weir.Bench.Outage;
using Weir.Bench.Reconnect;
using Weir.Bench.Scale;
using Weir.Bench.Skew;
using Weir.Bench.Soak;
using Weir.Bench.Upload;

var root = new RootCommand("Weir's benchmarks. docs/benchmarks.md says what each figure means.")
{
    CodecCommand.Create(),
    ConnectCommand.Create(),
    EndToEndCommand.Create(),
    FaultsCommand.Create(),
    FootprintCommand.Create(),
    GarbageCommand.Create(),
    GatewayCommand.Create(),
    LanesCommand.Create(),
    LinksCommand.Create(),
    OutageCommand.Create(),
    ReconnectCommand.Create(),
    ScaleCommand.Create(),
    SkewCommand.Create(),
    SoakCommand.Create(),
    UploadCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
