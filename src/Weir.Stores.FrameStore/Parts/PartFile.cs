using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>What opening a part reads.</summary>
internal sealed record PartContent(long Bytes, PartHeader Header, PartFooter Footer, Schema[] Schemas, List<PartHostRow> Rows);

/// <summary>Opens part files and checks what they say of themselves.</summary>
internal static class PartFile
{
    /// <summary>Opens the part that a manifest names.</summary>
    /// <returns>What is wrong with it; <see cref="PartDamage.None"/> where there is content.</returns>
    public static PartDamage TryOpen(IFileSystem files, string path, PartInfo info, SchemaTable schemas, out PartContent? content)
    {
        PartDamage damage = TryOpen(files, path, schemas, out content);
        if (content is null) return damage;
        PartFooter footer = content.Footer;
        if (content.Bytes == info.Bytes && footer.Number == info.Number && footer.HourMs == info.HourMs && footer.Samples == info.Samples && footer.Digest == info.Digest
            && footer.FirstMs == info.FirstMs && footer.LastMs == info.LastMs) return PartDamage.None;
        content = null;
        return PartDamage.Mismatch;
    }

    /// <summary>Opens a part of which nothing is known but its name.</summary>
    public static PartDamage TryOpen(IFileSystem files, string path, SchemaTable schemas, out PartContent? content)
    {
        content = null;
        try
        {
            if (!files.FileExists(path)) return PartDamage.Missing;
            using IFile file = files.Open(path, write: false);
            return TryRead(file, schemas, out content);
        }
        catch (FileNotFoundException)
        {
            return PartDamage.Missing;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return PartDamage.Unreadable;
        }
    }

    private static PartDamage TryRead(IFile file, SchemaTable schemas, out PartContent? content)
    {
        content = null;
        long length = file.Length;
        Span<byte> bytes = stackalloc byte[PartFooter.Bytes];
        if (file.Read(0, bytes[..PartHeader.Bytes]) != PartHeader.Bytes) return PartDamage.Header;
        PartDamage damage = PartHeader.TryRead(bytes, out PartHeader header);
        if (damage != PartDamage.None) return damage;
        if (length < PartHeader.Bytes + PartFooter.Bytes || file.Read(length - PartFooter.Bytes, bytes) != bytes.Length) return PartDamage.Footer;
        if (!PartFooter.TryRead(bytes, out PartFooter footer) || footer.Number != header.Number || footer.HourMs != header.HourMs) return PartDamage.Footer;
        if (footer.FirstMs < header.HourMs || footer.LastMs < footer.FirstMs || footer.LastMs >= header.HourMs + PartFormat.HourMs) return PartDamage.Footer;
        long end = length - PartFooter.Bytes;
        byte[]? objects = footer.Objects.TryRead(file, end, PartFormat.MaxSectionBytes);
        if (objects is null || PartObjects.TryRead(objects, schemas) is not { } read) return PartDamage.Objects;
        byte[]? hosts = footer.Hosts.TryRead(file, end, PartFormat.MaxSectionBytes);
        if (hosts is null || PartHostRow.TryReadTable(hosts, header.HourMs) is not { } rows) return PartDamage.Hosts;
        if (rows.Exists(row => Array.Exists(row.Schemas, schema => schema >= read.Length))) return PartDamage.Hosts;
        content = new PartContent(length, header, footer, read, rows);
        return PartDamage.None;
    }
}
