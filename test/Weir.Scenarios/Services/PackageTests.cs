using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Weir.Scenarios.Services;

/// <summary>The archives that ship: what they hold, that their checksums are right, that what is in them runs.</summary>
[Collection(PublishCollection.Name)]
public sealed class PackageTests : IDisposable
{
    private const long MaxWindowsFileBytes = 20_000_000; // the budget

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-package-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_Linux_archive_holds_a_program_that_runs_its_installer_and_its_unit_and_has_the_same_bytes_each_time()
    {
        AotPublishTests.SkipWithoutCompiler();
        await Published.ShipAsync("linux-x64", Cancellation);
        string archive = await PackAsync("linux-x64", ".tar.gz");
        string first = await HashAsync(archive);
        Assert.Equal(first, await HashAsync(await PackAsync("linux-x64", ".tar.gz")));

        await using (var bytes = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress)) await TarFile.ExtractToDirectoryAsync(bytes, _directory, overwriteFiles: false, Cancellation);

        string folder = Assert.Single(Directory.GetDirectories(_directory));
        Assert.Equal(
            ["LICENSE", "THIRD-PARTY-NOTICES", "install.sh", "weir-agent", "weir-agent.reference.yaml", "weir-agent.service"],
            Directory.GetFiles(folder).Select(static file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        ScriptResult once = await Script.RunAsync(Path.Combine(folder, "weir-agent"), ["once"], Cancellation);
        Assert.Contains("system.memory.usage", once.Output, StringComparison.Ordinal);
        // The completion works where no code can be made at run time, too.
        ScriptResult suggested = await Script.RunAsync(Path.Combine(folder, "weir-agent"), ["[suggest:19]", "weir-agent service "], Cancellation);
        Assert.Contains("uninstall", suggested.Output, StringComparison.Ordinal);
        ScriptResult checkedConfig = await Script.RunAsync(Path.Combine(folder, "weir-agent"), ["config", "check", Path.Combine(folder, "weir-agent.reference.yaml")], Cancellation);
        Assert.True(checkedConfig.ExitCode == 0, checkedConfig.ToString());
    }

    [Fact]
    public async Task The_Linux_installer_copies_the_program_and_has_it_install_and_start_the_service()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a script for a Linux shell");
        string calls = Path.Combine(_directory, "calls"), target = Path.Combine(_directory, "bin", "weir-agent");
        File.Copy(RepositoryRoot.Combine("deploy", "install.sh"), Path.Combine(_directory, "install.sh"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "weir-agent"), $"#!/bin/sh\necho \"$@\" >>'{calls}'\n", Cancellation);

        ScriptResult installed = await Script.RunAsync(Path.Combine(_directory, "install.sh"), ["--gateway", "a.example:7400", "--token", "@/a b/token"], [new("WEIR_PROGRAM", target)], Cancellation);

        Assert.True(installed.ExitCode == 0, installed.ToString());
        Assert.Equal(
            ["service install --yes --gateway a.example:7400 --token @/a b/token", "service stop", "service start", "service status"],
            await File.ReadAllLinesAsync(calls, Cancellation));
    }

    [Fact]
    public async Task A_Windows_archive_holds_one_program_within_its_budget_and_its_installer()
    {
        Assert.SkipUnless(CommandRun.IsOnPath("zip"), "zip is missing (Debian: apt-get install zip)");
        await Published.ShipAsync("win-x64-file", Cancellation);
        string archive = await PackAsync("win-x64", ".zip");
        string first = await HashAsync(archive);
        Assert.Equal(first, await HashAsync(await PackAsync("win-x64", ".zip")));

        await using ZipArchive zip = await ZipFile.OpenReadAsync(archive, Cancellation);
        Assert.Equal(
            ["LICENSE", "THIRD-PARTY-NOTICES", "install.ps1", "presets/iis.yaml", "presets/sql-server.yaml", "weir-agent.exe", "weir-agent.reference.yaml"],
            zip.Entries.Select(static entry => entry.FullName[(entry.FullName.IndexOf('/', StringComparison.Ordinal) + 1)..]).Order(StringComparer.Ordinal));
        ZipArchiveEntry program = zip.Entries.Single(static entry => entry.Name == "weir-agent.exe");
        Assert.InRange(program.Length, 1, MaxWindowsFileBytes);
        var head = new byte[2];
        await using Stream content = await program.OpenAsync(Cancellation);
        await content.ReadExactlyAsync(head, Cancellation);
        Assert.Equal("MZ"u8.ToArray(), head);
    }

    private static async Task<string> PackAsync(string rid, string ending)
    {
        ScriptResult packed = await Script.RunAsync("eng/publish", [$"package-{rid}"], Cancellation);
        Assert.True(packed.ExitCode == 0, packed.ToString());
        string[] words = packed.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string archive = RepositoryRoot.Combine("artifacts", "packages", words[1]);
        Assert.EndsWith($"-{rid}{ending}", archive, StringComparison.Ordinal);
        Assert.Equal(words[0], await HashAsync(archive));
        Assert.Contains($"{words[0]}  {words[1]}", await File.ReadAllLinesAsync(RepositoryRoot.Combine("artifacts", "packages", "SHA256SUMS"), Cancellation));
        return archive;
    }

    private static async Task<string> HashAsync(string path)
    {
        await using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, Cancellation));
    }
}
