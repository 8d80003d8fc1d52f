using System.Runtime.InteropServices;

namespace Weir.Agent.Tests.Windows.Pdh;

/// <summary>The script of the fake pdh.dll (test/fakes/pdh), and what it counted.</summary>
/// <remarks>A query keeps the script that was there when it was opened. Without the fake beside the program its counts cannot be read, and the tests fail.</remarks>
internal sealed partial class FakePdh : IDisposable
{
    public const uint Count64 = 0x10410500; // PERF_COUNTER_BULK_COUNT
    public const uint Count32 = 0x10410400; // PERF_COUNTER_COUNTER
    public const uint Timer = 0x20510500; // PERF_100NSEC_TIMER
    public const uint TickTimer = 0x20410500; // PERF_COUNTER_TIMER
    public const uint InverseTimer = 0x21510500; // PERF_100NSEC_TIMER_INV
    public const uint PrecisionTimer = 0x20570500; // PERF_PRECISION_100NS_TIMER
    public const uint AverageTimer = 0x30020400; // PERF_AVERAGE_TIMER
    public const uint RawCount = 0x00010000; // PERF_COUNTER_RAWCOUNT
    public const uint LargeRawCount = 0x00010100; // PERF_COUNTER_LARGE_RAWCOUNT
    public const uint RawFraction = 0x20020400; // PERF_RAW_FRACTION
    public const uint ElapsedTime = 0x30240500; // PERF_ELAPSED_TIME

    public const uint NoInstance = 0x800007D1, NoData = 0x800007D5, NegativeDenominator = 0x800007D6, NegativeTimeBase = 0x800007D7, NegativeValue = 0x800007D8;
    public const uint NoObject = 0xC0000BB8, NoCounter = 0xC0000BB9, InvalidCounterData = 0xC0000BBA, InvalidData = 0xC0000BC6, AccessDenied = 0xC0000BDB, InvalidHandle = 0xC0000BBC, InvalidArgument = 0xC0000BBD;

    private const string Variable = "WEIR_FAKE_PDH";

    private readonly string _path = Path.GetTempFileName();
    private readonly List<string> _lines = [];

    public FakePdh() => Environment.SetEnvironmentVariable(Variable, _path);

    public static int OpenQueries => WeirFakePdhCount(0);

    public static int OpenCounters => WeirFakePdhCount(1);

    public static int Refreshes => WeirFakePdhCount(2);

    public static int ArrayCalls => WeirFakePdhCount(3);

    public static int AddCalls => WeirFakePdhCount(4);

    public FakePdh Object(string name, bool isLate = false) => Line("object", name, isLate ? "late" : "");

    public FakePdh Counter(string owner, string name, uint type, long unitsPerSecond = 10_000_000, bool isLate = false) =>
        Line("counter", owner, name, $"0x{type:X8}", $"{unitsPerSecond}", isLate ? "late" : "");

    /// <summary>What follows holds from this collect of a query on, instead of the values of the steps before.</summary>
    public FakePdh At(int collect) => Line("at", $"{collect}");

    public FakePdh Value(string owner, string counter, string instance, long first, long second = 0, uint status = 0) =>
        Line("value", owner, counter, instance, $"{first}", $"{second}", $"0x{status:X8}");

    public FakePdh Status(string call, string owner, string counter, uint code) => Line("status", call, owner, counter, $"0x{code:X8}");

    public FakePdh Grow(string owner, int calls) => Line("grow", owner, $"{calls}");

    /// <summary>Blocks one collect until a file is there.</summary>
    public FakePdh HangUntil(string file, int seconds) => Line("hang", file, $"{seconds}");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        File.Delete(_path);
    }

    private FakePdh Line(params string[] fields)
    {
        _lines.Add(string.Join('\t', fields));
        File.WriteAllText(_path, string.Join('\n', _lines));
        return this;
    }

    [LibraryImport("pdh.dll")]
    private static partial int WeirFakePdhCount(uint what);
}
