namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>The answers of PDH that mean something to the agent, after <c>pdhmsg.h</c>; every other code is an error.</summary>
internal static class PdhStatus
{
    public const uint Ok = 0;
    public const uint NewData = 1;
    public const uint NoInstance = 0x800007D1;
    public const uint MoreData = 0x800007D2;
    public const uint NoData = 0x800007D5;
    public const uint NegativeDenominator = 0x800007D6;
    public const uint NegativeTimeBase = 0x800007D7;
    public const uint NegativeValue = 0x800007D8;
    public const uint NoObject = 0xC0000BB8;
    public const uint NoCounter = 0xC0000BB9;
    public const uint InvalidCounterData = 0xC0000BBA;
    public const uint InvalidData = 0xC0000BC6;
    public const uint AccessDenied = 0xC0000BDB;

    /// <summary>Whether there is a value.</summary>
    public static bool IsValue(uint status) => status is Ok or NewData;

    /// <summary>Whether there is just no value at this tick: an instance that went, a provider that has not sampled yet.</summary>
    public static bool IsBenign(uint status) =>
        status is NoInstance or NoData or NegativeDenominator or NegativeTimeBase or NegativeValue or InvalidCounterData or InvalidData;

    /// <summary>Whether this system does not have the object or the counter, or not yet.</summary>
    public static bool IsMissing(uint status) => status is NoObject or NoCounter;
}
