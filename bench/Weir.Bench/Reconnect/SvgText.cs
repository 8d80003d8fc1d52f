using System.Globalization;
using System.Security;
using System.Text;

namespace Weir.Bench.Reconnect;

/// <summary>Writes a drawing as SVG. Lengths in pixels, the origin at the top left.</summary>
internal sealed class SvgText
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins a drawing on white.</summary>
    public SvgText(int width, int height)
    {
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="13" fill="#222">""");
        Rectangle(0, 0, width, height, "#fff");
    }

    public void Rectangle(double x, double y, double width, double height, string fill) =>
        Add($"""<rect x="{x:0.##}" y="{y:0.##}" width="{width:0.##}" height="{height:0.##}" fill="{fill}"/>""");

    public void Line(double x1, double y1, double x2, double y2, string stroke, string dashes = "none") =>
        Add($"""<line x1="{x1:0.##}" y1="{y1:0.##}" x2="{x2:0.##}" y2="{y2:0.##}" stroke="{stroke}" stroke-dasharray="{dashes}"/>""");

    public void Path(IEnumerable<(double X, double Y)> points, string stroke)
    {
        string joined = string.Join(' ', points.Select(static point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")));
        Add($"""<polyline points="{joined}" fill="none" stroke="{stroke}" stroke-width="1.5"/>""");
    }

    /// <summary>Writes text whose base line begins, has its middle or ends at a place, as <paramref name="anchor"/> says: start, middle, end.</summary>
    public void Text(double x, double y, string text, string anchor = "start", string fill = "#222") =>
        Add($"""<text x="{x:0.##}" y="{y:0.##}" text-anchor="{anchor}" fill="{fill}">{SecurityElement.Escape(text)}</text>""");

    /// <summary>The whole drawing.</summary>
    public override string ToString() => $"{_text}</svg>\n";

    private void Add(FormattableString element) => _text.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
