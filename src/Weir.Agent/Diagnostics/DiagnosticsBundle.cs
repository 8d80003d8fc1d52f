using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;
using Weir.Agent.Collectors;
using Weir.Agent.Commands;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Diagnostics;

/// <summary>A zip file with what somebody needs who helps from afar: versions, the configuration in effect, the spool's files, the values of all collectors.</summary>
/// <remarks>
/// Made of what is named here and of nothing else: no file of the host is copied, least of all a configuration or key. Reads beside a running agent and changes
/// nothing. A part that cannot be made says why in its place.
/// </remarks>
internal sealed class DiagnosticsBundle(AgentConfig config, LinuxRoots roots, TimeProvider time)
{
    // A spool of 1 TiB has more segments; their names say nothing that the first thousands do not.
    private const int MaxFiles = 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Writes the bundle.</summary>
    public async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        using var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        await AddAsync(zip, "versions.txt", WriteVersions).ConfigureAwait(false);
        await AddAsync(zip, "config.txt", text => ConfigCommand.Describe(config, text)).ConfigureAwait(false);
        await AddAsync(zip, "identity.txt", WriteIdentity).ConfigureAwait(false);
        await AddAsync(zip, "spool.txt", WriteSpool).ConfigureAwait(false);
        using var complaints = new StringWriter(CultureInfo.InvariantCulture);
        IReadOnlyList<Reading> readings = await new OnceCollector(config, roots, time).ReadAsync(Pause, complaints.WriteLine, cancellationToken).ConfigureAwait(false);
        await AddAsync(zip, "readings.json", text => ReadingPrinter.Print(text, readings, OutputFormat.Json)).ConfigureAwait(false);
        await AddAsync(zip, "complaints.txt", text => text.Write(complaints.ToString())).ConfigureAwait(false);
    }

    private static async Task AddAsync(ZipArchive zip, string name, Action<TextWriter> write)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        try
        {
            write(text);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            text.WriteLine(problem.Message);
        }

        Stream entry = zip.CreateEntry(name).Open();
        await using (entry.ConfigureAwait(false))
            await entry.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text.ToString())).ConfigureAwait(false);
    }

    private void WriteVersions(TextWriter text)
    {
        string version = typeof(DiagnosticsBundle).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        text.WriteLine($"weir-agent  {version}");
        text.WriteLine($"runtime     {RuntimeInformation.FrameworkDescription}");
        text.WriteLine($"system      {RuntimeInformation.OSDescription} ({RuntimeInformation.OSArchitecture})");
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"processors  {Environment.ProcessorCount}"));
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"made        {time.GetUtcNow():u}"));
    }

    private void WriteIdentity(TextWriter text)
    {
        AgentState? state = new AgentStateFile(new PhysicalFileSystem(), config.DataDirectory).Read();
        text.WriteLine(state is null ? "no agent has run here" : string.Create(CultureInfo.InvariantCulture, $"id {state.AgentId}\nstarts {state.StartNumber}\nclock {state.ClockGeneration}"));
    }

    private void WriteSpool(TextWriter text)
    {
        var spool = new DirectoryInfo(Path.Combine(config.DataDirectory, "spool"));
        FileInfo[] files = spool.Exists ? [.. spool.EnumerateFiles().Take(MaxFiles).OrderBy(static file => file.Name, StringComparer.Ordinal)] : [];
        foreach (FileInfo file in files) text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Name}  {file.Length}  {file.LastWriteTimeUtc:u}"));
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length} files, {files.Sum(static file => file.Length)} bytes of {config.SpoolBytes}"));
    }
}
