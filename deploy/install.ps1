<#
.SYNOPSIS
Installs weir-agent as a Windows service, without questions.
.DESCRIPTION
Copies weir-agent.exe into the folder Destination, then has 'weir-agent service install' make and print every change: service with a virtual account, its data
directory, membership in Performance Monitor Users. Run it again to update. Needs a console of an administrator. Exit code: 0 the service runs; else that of the step
that failed.
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
#>
[CmdletBinding()]
param(
    [string] $Gateway,
    [string] $Token,
    [string] $Config,
    [string] $Data,
    [string] $Enroll,
    [string] $Account,
    [string] $Destination = (Join-Path $env:ProgramFiles 'Weir')
)
$ErrorActionPreference = 'Stop'
$program = Join-Path $Destination 'weir-agent.exe'

if (Test-Path $program) {
    # A program that runs cannot be replaced.
    if (Get-Service -Name weir-agent -ErrorAction SilentlyContinue) { & $program service stop | Out-Null }
}
New-Item -ItemType Directory -Force -Path $Destination | Out-Null
foreach ($file in 'weir-agent.exe', 'LICENSE', 'THIRD-PARTY-NOTICES', 'weir-agent.reference.yaml') {
    Copy-Item -Force -Path (Join-Path $PSScriptRoot $file) -Destination $Destination
}

$options = @('--yes')
if ($Gateway) { $options += '--gateway', $Gateway }
if ($Token) { $options += '--token', $Token }
if ($Config) { $options += '--config', $Config }
if ($Data) { $options += '--data', $Data }
if ($Enroll) { $options += '--enroll', $Enroll }
if ($Account) { $options += '--account', $Account }
& $program service install @options
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
& $program service start
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
& $program service status
exit $LASTEXITCODE
