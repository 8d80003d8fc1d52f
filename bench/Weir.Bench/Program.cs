using System.CommandLine;
using Weir.Bench.Codec;
using Weir.Bench.EndToEnd;

var root = new RootCommand("Weir's benchmarks. docs/benchmarks.md says what each figure means.")
{
    CodecCommand.Create(),
    EndToEndCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
