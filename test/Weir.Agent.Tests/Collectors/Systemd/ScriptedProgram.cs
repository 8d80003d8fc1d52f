using System.Diagnostics;

namespace Weir.Agent.Tests.Collectors.Systemd;

/// <summary>A shell script in a directory of its own that stands for a program; it finds that directory in $HERE.</summary>
internal sealed class ScriptedProgram : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-script-").FullName;

    public ScriptedProgram(string script)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "runs a shell script");
        // Written by another process: a descriptor of ours may be inherited by what other tests start at this moment, and the script is then "busy".
        string[] write = ["-c", "printf '%s' \"$2\" > \"$1\" && chmod +x \"$1\"", "sh", Program, $"#!/bin/sh\nHERE='{_directory}'\necho \"$@\" >> \"$HERE/arguments\"\n{script}\n"];
        using Process shell = Process.Start("/bin/sh", write);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    public string Program => Path.Combine(_directory, "program");

    /// <summary>What it was called with, a line for each time.</summary>
    public string[] Calls => File.ReadAllLines(Path.Combine(_directory, "arguments"));

    public string this[string file]
    {
        get => File.ReadAllText(Path.Combine(_directory, file));
        set => File.WriteAllText(Path.Combine(_directory, file), value);
    }

    public string Folder => _directory;

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
