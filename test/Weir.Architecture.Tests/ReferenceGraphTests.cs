namespace Weir.Architecture.Tests;

/// <summary>Arrows point inward and siblings do not know each other. docs/architecture.md draws the same graph.</summary>
public sealed class ReferenceGraphTests
{
    private static readonly string[] Inner = ["Weir.Frames", "Weir.Log", "Weir.Protocol", "Weir.Contracts"];

    // What a product project may know. A new project gets its line here, by decision.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Weir.Frames"] = [],
        ["Weir.Protocol"] = [],
        ["Weir.Log"] = ["Weir.Frames"],
        ["Weir.Contracts"] = ["Weir.Frames", "Weir.Log", "Weir.Protocol"],
        ["Weir.Agent"] = ["Weir.Frames", "Weir.Log", "Weir.Protocol"],
        ["Weir.Gateway"] = Inner,
        ["Weir.Writer"] = Inner,
        ["Weir.Stores.FrameStore"] = Inner,
        ["Weir.Query"] = Inner,
        ["Weir.Console"] = [.. Inner, "Weir.Query"],
        ["Weir.Server"] = [.. Inner, "Weir.Agent", "Weir.Gateway", "Weir.Writer", "Weir.Stores.FrameStore", "Weir.Query", "Weir.Console"],
    };

    // The innermost projects stay free of hosts, containers and frameworks.
    private static readonly Dictionary<string, string[]> AllowedPackages = new(StringComparer.Ordinal)
    {
        ["Weir.Frames"] = ["System.IO.Hashing", "ZstdSharp.Port"],
        ["Weir.Log"] = ["Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing"],
        ["Weir.Protocol"] = ["Google.Protobuf", "Grpc.Core.Api", "Grpc.Tools"],
        ["Weir.Contracts"] = [],
    };

    private static readonly string[] AotCompatible = ["Weir.Frames", "Weir.Log", "Weir.Protocol", "Weir.Agent"];

    [Fact]
    public void Product_projects_know_only_what_the_table_allows()
    {
        Project[] products = [.. Project.All.Where(static project => project.Folder == "src")];
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), products.Select(static project => project.Name).Order(StringComparer.Ordinal));
        Assert.All(products, static project => Assert.Empty(project.References.Except(Allowed[project.Name])));
    }

    [Fact]
    public void The_table_has_no_circle()
    {
        foreach (string project in Allowed.Keys) Assert.DoesNotContain(project, Reached(project));
    }

    [Fact]
    public void Innermost_projects_use_no_packages_but_those_of_the_table()
    {
        foreach ((string name, string[] packages) in AllowedPackages)
            Assert.Empty(Project.All.Single(project => project.Name == name).Packages.Except(packages));
    }

    [Fact]
    public void What_the_agent_is_made_of_is_analysed_for_native_compilation()
    {
        string[] marked = [.. Project.All.Where(static project => project.Properties.GetValueOrDefault("IsAotCompatible") == "true").Select(static project => project.Name)];
        Assert.Equal(AotCompatible.Order(StringComparer.Ordinal), marked.Order(StringComparer.Ordinal));
        Assert.Empty(Allowed["Weir.Agent"].Except(AotCompatible));
    }

    [Fact]
    public void Tests_know_their_own_project_what_it_may_know_and_the_kit()
    {
        Project[] tests = [.. Project.All.Where(static project => project.Folder == "test" && project.Name.EndsWith(".Tests", StringComparison.Ordinal))];
        Assert.NotEmpty(tests);
        foreach (Project test in tests)
        {
            string tested = test.Name[..^".Tests".Length];
            string[] allowed = tested == "Weir.Architecture" ? [] : [tested, .. Allowed[tested], "Weir.TestKit"];
            Assert.True(!test.References.Except(allowed).Any(), $"{test.Name} knows {string.Join(", ", test.References.Except(allowed))}");
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Repository.Read("Weir.slnx");
        Assert.All(Project.All, project => Assert.Contains($"\"{project.File}\"", solution, StringComparison.Ordinal));
    }

    private static HashSet<string> Reached(string from)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<string>(Allowed[from]);
        while (next.TryPop(out string? project))
        {
            if (!reached.Add(project)) continue;
            foreach (string further in Allowed[project]) next.Push(further);
        }

        return reached;
    }
}
