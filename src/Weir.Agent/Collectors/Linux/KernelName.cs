using System.Text;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Names that the kernel gives as bytes of any encoding.</summary>
internal static class KernelName
{
    private const int MaxBytes = 256;

    /// <summary>The name as text: UTF-8 where it is, and <c>\xNN</c> for each byte that is not, so that different names stay different.</summary>
    public static string Decode(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out Rune rune, out int used) == System.Buffers.OperationStatus.Done) text.Append(rune.ToString());
            else
                foreach (byte bad in name[..used]) text.Append($"\\x{bad:x2}");
            name = name[used..];
        }

        return text.ToString();
    }

    /// <summary>The text of a file that holds a name; empty where it cannot be read.</summary>
    public static string TextOf(string path)
    {
        try
        {
            using var file = new ProcFile(path);
            ReadOnlySpan<byte> text = file.Read().Trim(" \t\n"u8);
            return Decode(text[..Math.Min(text.Length, MaxBytes)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
