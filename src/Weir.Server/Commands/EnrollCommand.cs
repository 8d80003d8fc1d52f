using System.CommandLine;
using System.Globalization;
using Weir.Agent.Configuration;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Server.Hosting;

namespace Weir.Server.Commands;

/// <summary><c>weir enroll</c>: who may join, who has joined, and who is shut out. Works while a server runs, which notices within seconds.</summary>
internal static class EnrollCommand
{
    private const string DefaultTenant = "default";
    private const int MaxUses = 10_000;
    private const int MaxLabelCharacters = 200;
    private static readonly TimeSpan MinLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("enroll", "Let agents join over TLS: join tokens, agents, authorities.")
    {
        new Command("token", "Join tokens: what a new agent needs, once.") { CreateToken(), ListTokens(), RevokeToken() },
        new Command("agent", "Agents that have joined.") { ListAgents(), RevokeAgent() },
        new Command("ca", "The private authorities that issue certificates.") { ListAuthorities(), RotateAuthority() },
    };

    private static Command CreateToken()
    {
        var uses = new Option<int>("--uses") { Description = "How many agents it lets in, 1 to 10000.", DefaultValueFactory = static _ => 1 };
        var lifetime = new Option<string>("--ttl") { Description = "For how long, 1m to 30d.", DefaultValueFactory = static _ => "24h", HelpName = "DURATION" };
        var tenant = new Option<string>("--tenant") { Description = "Whose agents they become.", DefaultValueFactory = static _ => DefaultTenant };
        var label = new Option<string>("--label") { Description = "A line for the list.", DefaultValueFactory = static _ => "" };
        var command = new Command("create", "Make a join token and print it. It is not kept and cannot be printed again.") { uses, lifetime, tenant, label };
        return Run(command, (parsed, directory) =>
        {
            int count = parsed.GetValue(uses);
            string ttl = parsed.GetValue(lifetime)!, whose = parsed.GetValue(tenant)!, text = parsed.GetValue(label)!;
            if (count is < 1 or > MaxUses) return Wrong($"--uses: '{count}' is not allowed; allowed: 1 to {MaxUses}");
            if (!Duration.TryParse(ttl, out TimeSpan span) || span < MinLifetime || span > MaxLifetime) return Wrong($"--ttl: '{ttl}' is not allowed; allowed: 1m to 30d");
            if (!CertificateNames.IsTenant(whose)) return Wrong($"--tenant: '{whose}' is not allowed; allowed: 1 to {CertificateNames.MaxTenantCharacters} of a-z, 0-9, '.', '_', '-', the first a letter or digit");
            if (text.Length > MaxLabelCharacters || text.Any(char.IsControl)) return Wrong($"--label: allowed: one line of at most {MaxLabelCharacters} characters");
            JoinToken token = directory.CreateToken(whose, count, span, text);
            // The token alone goes to standard output, for scripts.
            System.Console.Out.WriteLine(token.Reveal());
            System.Console.Error.WriteLine($"token {token.Id} lets {count} {(count == 1 ? "agent" : "agents")} of tenant {whose} join within {ttl}; whoever has it can join");
            return ExitCode.Ok;
        });
    }

    private static Command ListTokens() => Run(new Command("list", "List the tokens, without their secrets."), static (_, directory) =>
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        Line($"{"token",-16}  {"tenant",-16}  {"used",-11}  {"until",-20}  {"state",-8}  label");
        foreach ((TokenInfo token, int used) in directory.Tokens())
        {
            string state = token.Revoked ? "revoked" : now >= token.Expires ? "expired" : used >= token.Uses ? "used up" : "open";
            Line($"{token.Id,-16}  {token.Tenant,-16}  {$"{used} of {token.Uses}",-11}  {token.Expires:yyyy-MM-dd HH:mm:ss}Z  {state,-8}  {token.Label}");
        }

        return ExitCode.Ok;
    });

    private static Command RevokeToken()
    {
        var id = new Argument<string>("ID") { Description = "The token's id: 16 hexadecimal digits, the second part of the token." };
        return Run(new Command("revoke", "Take a token back. Agents that have joined with it stay.") { id }, (parsed, directory) =>
        {
            string token = parsed.GetValue(id)!;
            if (!directory.RevokeToken(token)) return Wrong($"there is no token '{token}' ('weir enroll token list')");
            System.Console.Out.WriteLine($"token {token} lets nobody in any more");
            return ExitCode.Ok;
        });
    }

    private static Command ListAgents() => Run(new Command("list", "List the agents that have joined, and copies of them with the agent that each is from."), static (_, directory) =>
    {
        Line($"{"agent",-32}  {"tenant",-16}  {"joined",-20}  {"token",-16}  {"from",-32}  state");
        foreach (AgentInfo agent in directory.Agents())
            Line($"{agent.Agent}  {agent.Tenant,-16}  {agent.Joined:yyyy-MM-dd HH:mm:ss}Z  {agent.Token,-16}  {agent.From,-32}  {(agent.Revoked ? "revoked" : "trusted")}");
        return ExitCode.Ok;
    });

    private static Command RevokeAgent()
    {
        var id = new Argument<string>("ID") { Description = "The agent's id: 32 hexadecimal digits." };
        return Run(new Command("revoke", "Shut an agent out for good: its stream ends within seconds, it can neither renew nor join again.") { id }, (parsed, directory) =>
        {
            string text = parsed.GetValue(id)!;
            if (!AgentId.TryParse(text, out AgentId agent) || !directory.RevokeAgent(agent)) return Wrong($"no agent '{text}' has joined ('weir enroll agent list')");
            System.Console.Out.WriteLine($"agent {agent} is shut out");
            return ExitCode.Ok;
        });
    }

    private static Command ListAuthorities() => Run(new Command("list", "List the authorities."), static (_, directory) =>
    {
        Line($"{"number",6}  {"valid from",-20}  {"until",-20}  uses");
        foreach (AuthorityInfo authority in directory.ListAuthorities())
        {
            string use = string.Join(", ", ((string?[])[authority.Issues ? "issues to agents" : null, authority.Presents ? "shown by gateways" : null]).OfType<string>());
            Line($"{authority.Number,6}  {authority.Made:yyyy-MM-dd HH:mm:ss}Z  {authority.Until:yyyy-MM-dd HH:mm:ss}Z  {use}");
        }

        return ExitCode.Ok;
    });

    private static Command RotateAuthority() => Run(
        new Command("rotate", """
            Make a new authority beside the others. It issues agents' certificates at once; agents hear of it when they renew, within a day.

            Gateways show certificates of it after 35 days, when every agent that can still renew has heard. The old ones are believed until they end.
            """),
        static (_, directory) =>
        {
            System.Console.Out.WriteLine($"authority {directory.RotateAuthority()} is made; a running server uses it within seconds");
            return ExitCode.Ok;
        });

    private static Command Run(Command command, Func<ParseResult, IdentityDirectory, int> work)
    {
        Option<string?> data = CommonOptions.Data("The server's data directory. Default ./data. The server may run meanwhile.");
        command.Options.Add(data);
        command.SetAction(parsed =>
        {
            string root = Path.GetFullPath(parsed.GetValue(data) ?? new Configuration.ServerConfig().DataDirectory);
            if (!File.Exists(Path.Combine(root, DataDirectory.FormatFile)))
            {
                System.Console.Error.WriteLine($"weir: {root} is not a data directory of weir (it has no FORMAT file): pass the directory that 'weir up --data' used");
                return ExitCode.Environment;
            }

            try
            {
                return work(parsed, IdentityDirectory.Open(new PhysicalFileSystem(), DataDirectory.IdentityOf(root), new IdentityOptions(), TimeProvider.System));
            }
            catch (Exception e) when (e is IdentityException or IOException or UnauthorizedAccessException)
            {
                System.Console.Error.WriteLine($"weir: {e.Message}");
                return ExitCode.Environment;
            }
        });
        return command;
    }

    private static int Wrong(string problem)
    {
        System.Console.Error.WriteLine($"weir: {problem}");
        return ExitCode.Usage;
    }

    private static void Line(FormattableString line) => System.Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture).TrimEnd());
}
