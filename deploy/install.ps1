<#
.SYNOPSIS
Installs weir-agent as a Windows service, without questions.
.DESCRIPTION
Copies weir-agent.exe and the presets of performance counters into the folder Destination, then has 'weir-agent service install' make and print every change: service with a virtual account,
its data directory, membership in Performance Monitor Users. Run it again to update: what is not named then stays as it is installed. Needs a console of an administrator. Exit code: 0 the
service runs; else that of the step that failed.
.EXAMPLE
.\install.ps1 -Gateway weir.example.com:7400 -Token '@C:\secrets\join-token.txt'
.PARAMETER Gateway
HOST:PORT of the gateway; without it the configuration says it.
.PARAMETER Token
The join token, or '@FILE' with the file that holds it.
.PARAMETER Config
The configuration file; without it weir-agent.yaml in Destination.
.PARAMETER Data
The data directory; without it %ProgramData%\Weir\Agent.
.PARAMETER Enroll
HOST:PORT where the agent joins and renews its certificate; without it port 7401 of the gateway's host.
.PARAMETER Account
An existing account without a password to run as; without it the virtual account NT SERVICE\weir-agent.
.PARAMETER Destination
The folder of the program; without it %ProgramFiles%\Weir.
.PARAMETER CopySeconds
How long copying is tried while scanners, say, hold the old program.
#>
[CmdletBinding()]
param(
    [string] $Gateway,
    [string] $Token,
    [string] $Config,
    [string] $Data,
    [string] $Enroll,
    [string] $Account,
    [string] $Destination = (Join-Path $env:ProgramFiles 'Weir'),
    [int] $CopySeconds = 30
)
$ErrorActionPreference = 'Stop'
$new = Join-Path $PSScriptRoot 'weir-agent.exe'
$program = Join-Path $Destination 'weir-agent.exe'

# A program that runs cannot be replaced. The new one stops the service, wherever the old one is.
$service = Get-Service -Name weir-agent -ErrorAction SilentlyContinue
$wasRunning = $service -and $service.Status -ne 'Stopped'
if ($service) {
    & $new service stop
    if ($LASTEXITCODE -ne 0) {
        $code = $LASTEXITCODE
        [Console]::Error.WriteLine("install.ps1: the service weir-agent could not be stopped (exit code $code); nothing was changed")
        exit $code
    }
}

# Scanners hold a program for a while after it has ended. What is in use comes last, so that an attempt that fails leaves the old one.
$until = (Get-Date).AddSeconds($CopySeconds)
while ($true) {
    try {
        New-Item -ItemType Directory -Force -Path $Destination | Out-Null
        foreach ($item in 'LICENSE', 'THIRD-PARTY-NOTICES', 'weir-agent.reference.yaml', 'presets', 'weir-agent.exe') {
            Copy-Item -Force -Recurse -Path (Join-Path $PSScriptRoot $item) -Destination $Destination
        }
        break
    }
    catch {
        if ((Get-Date) -ge $until) {
            [Console]::Error.WriteLine("install.ps1: $_ (tried for $CopySeconds s)")
            if ($wasRunning) {
                & $new service start
                [Console]::Error.WriteLine("install.ps1: the service was started as it was before (exit code $LASTEXITCODE)")
            }
            exit 1
        }
        Start-Sleep -Milliseconds 500
    }
}

$options = @('--yes')
if ($Gateway) { $options += '--gateway', $Gateway }
if ($Token) { $options += '--token', $Token }
if ($Config) { $options += '--config', $Config }
if ($Data) { $options += '--data', $Data }
if ($Enroll) { $options += '--enroll', $Enroll }
if ($Account) { $options += '--account', $Account }
& $program service install @options
if ($LASTEXITCODE -ne 0) {
    $code = $LASTEXITCODE
    if ($wasRunning) {
        & $program service start
        [Console]::Error.WriteLine("install.ps1: the service was started with the new program and its former settings (exit code $LASTEXITCODE)")
    }
    exit $code
}
& $program service start
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
& $program service status
exit $LASTEXITCODE
