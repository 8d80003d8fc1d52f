using System.Text;

namespace Weir.Agent.Configuration;

/// <summary>What the commented reference configuration, which the program carries, says above each key.</summary>
internal static class ReferenceComments
{
    /// <summary>Name of the resource.</summary>
    public const string Resource = "weir-agent.reference.yaml";

    private const string Collectors = "collectors";

    /// <summary>The comments by path of the key, as one text each.</summary>
    public static IReadOnlyDictionary<string, string> Read()
    {
        using var reader = new StreamReader(typeof(ReferenceComments).Assembly.GetManifestResourceStream(Resource)!);
        return Read(reader);
    }

    private static Dictionary<string, string> Read(TextReader reader)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var comment = new StringBuilder();
        var path = new List<(int Indent, string Key)>();
        while (reader.ReadLine() is { } line)
        {
            string text = line.TrimStart(' ');
            if (text.StartsWith('#')) comment.Append(comment.Length > 0 ? " " : "").Append(text.TrimStart('#', ' '));
            else if (text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                int indent = line.Length - text.Length;
                path.RemoveAll(above => above.Indent >= indent);
                path.Add((indent, text[..colon]));
                string key = string.Join('.', path.Select(static part => part.Key));
                // What stands above the first collector is said of all.
                if (path.Count == 2 && path[0].Key == Collectors) key = Collectors;
                if (comment.Length > 0) found.TryAdd(key, comment.ToString());
                comment.Clear();
            }
            else comment.Clear();
        }

        return found;
    }
}
