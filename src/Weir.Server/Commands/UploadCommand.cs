using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Gateway;
using Weir.Log;
using Weir.Server.Configuration;
using Weir.Server.Hosting;
using Weir.Server.Querying;

namespace Weir.Server.Commands;

/// <summary><c>weir upload</c>: the files that agents have uploaded.</summary>
internal static class UploadCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("upload", "Look at the files that agents upload (diagnostics, recordings), and remove what is too old.") { List(), Collect() };

    private static Command List()
    {
        Option<string?> data = CommonOptions.Data("The data directory; a server may be running. Default ./data.");
        Option<StoreOutput> output = CommonOptions.OneOf<StoreOutput>("--output", "Form of the output. Default table.");
        var command = new Command("list", "Say which files there are, whole or under way, and where their bytes stand.") { data, output };
        command.SetAction(parsed => Run(() => parsed.GetValue(data) ?? "data", root =>
        {
            bool complained = false;
            IReadOnlyList<UploadInfo> uploads = UploadDirectory.List(new PhysicalFileSystem(), Path.Combine(root, "uploads"), (path, problem) =>
            {
                complained = true;
                System.Console.Error.WriteLine($"weir: {path}: {problem}");
            });
            Print(uploads, parsed.GetValue(output));
            return Task.FromResult(complained ? ExitCode.Failed : ExitCode.Ok);
        }));
        return command;
    }

    private static Command Collect()
    {
        Option<string?> data = CommonOptions.Data("The data directory, with no server running: a running one does this every hour. Default that of the configuration, or ./data.");
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file: its data, and the ages in its section uploads." };
        var command = new Command("gc", "Remove uploads that were abandoned, and finished files that were kept long enough.") { data, config };
        command.SetAction((parsed, cancellationToken) => Run(() => Read(parsed).DataDirectory, async root =>
        {
            UploadOptions options = Read(parsed).Uploads;
            using var held = DataDirectory.Open(root, create: false);
            int removed = await UploadDirectory.CollectAsync(new PhysicalFileSystem(), held.Uploads, options, TimeProvider.System, cancellationToken);
            System.Console.Error.WriteLine($"{removed} removed");
            return ExitCode.Ok;
        }));
        return command;

        ServerConfig Read(ParseResult parsed) => ServerConfigReader.Read(new ServerArguments(parsed.GetValue(config), parsed.GetValue(data), null, [], Insecure: true));
    }

    private static async Task<int> Run(Func<string> directory, Func<string, Task<int>> run)
    {
        try
        {
            string root = directory();
            if (!File.Exists(Path.Combine(root, DataDirectory.FormatFile)))
                throw new StartupException([$"{root} is not a data directory of weir (it has no FORMAT file): pass the directory that 'weir up --data' used"], ExitCode.Environment);
            return await run(root);
        }
        catch (StartupException e)
        {
            foreach (string problem in e.Problems) await System.Console.Error.WriteLineAsync($"weir: {problem}");
            return e.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync($"weir: {e.Message}");
            return ExitCode.Failed;
        }
    }

    private static void Print(IReadOnlyList<UploadInfo> uploads, StoreOutput output)
    {
        if (output == StoreOutput.Json)
        {
            System.Console.WriteLine(JsonSerializer.Serialize(uploads.Select(static upload => new
            {
                upload.Id, Agent = upload.Agent.ToString(), Kind = NameOf(upload), upload.Bytes, upload.Chunks, upload.Missing, Whole = upload.IsWhole, upload.Touched, Sha256 = upload.Hash, upload.Path,
            }), Json));
            return;
        }

        System.Console.WriteLine(Row("agent", "kind", "bytes", "there", "last chunk", "path"));
        foreach (UploadInfo upload in uploads)
        {
            string there = upload.IsWhole ? "whole" : string.Create(CultureInfo.InvariantCulture, $"{upload.Chunks - upload.Missing} of {upload.Chunks}");
            System.Console.WriteLine(Row(upload.Agent.ToString(), NameOf(upload), upload.Bytes.ToString(CultureInfo.InvariantCulture), there, upload.Touched.ToString("u", CultureInfo.InvariantCulture), upload.Path));
        }
    }

    private static string NameOf(UploadInfo upload) => upload.Kind.ToString().ToLowerInvariant();

    private static string Row(string agent, string kind, string bytes, string there, string touched, string path) => $"{agent,-32}  {kind,-11}  {bytes,14}  {there,-14}  {touched,-20}  {path}";
}
