using System.Xml.Linq;

namespace Weir.Architecture.Tests;

/// <summary>What a project file says of its references.</summary>
internal sealed record Project(string File, string Name, IReadOnlyList<string> References, IReadOnlyList<string> Packages, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>Every project of the repository.</summary>
    public static IReadOnlyList<Project> All { get; } = [.. Repository.FilesOf(["src", "test", "bench"], ".csproj").Select(Load)];

    /// <summary>The folder it lies in: src, test or bench.</summary>
    public string Folder => File[..File.IndexOf('/', StringComparison.Ordinal)];

    private static Project Load(string file)
    {
        XElement root = XDocument.Parse(Repository.Read(file)).Root!;
        return new Project(
            file,
            Path.GetFileNameWithoutExtension(file),
            [.. Includes(root, "ProjectReference").Select(static path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))],
            [.. Includes(root, "PackageReference")],
            root.Elements("PropertyGroup").Elements().GroupBy(static property => property.Name.LocalName).ToDictionary(static group => group.Key, static group => group.Last().Value));
    }

    private static IEnumerable<string> Includes(XElement root, string item) => root.Descendants(item).Select(static element => element.Attribute("Include")!.Value);
}
