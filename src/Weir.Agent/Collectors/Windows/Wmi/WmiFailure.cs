namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>What an HRESULT of WMI means to whoever asked.</summary>
internal static class WmiFailure
{
    /// <summary>The failure as an exception with its reason, the query and what helps.</summary>
    public static SourceException Of(int result, WmiQuery query)
    {
        (FailureReason reason, string text) = (uint)result switch
        {
            0x80041003 or 0x80070005 => (FailureReason.AccessDenied, $"access to {query.ClassName} in {query.Namespace} is denied: the account needs 'Enable Account' on the namespace (wmimgmt.msc, Properties, Security), some classes administrators' rights"),
            0x8004100E => (FailureReason.NotHere, $"this host has no namespace {query.Namespace}"),
            0x80041010 => (FailureReason.NotHere, $"namespace {query.Namespace} has no class {query.ClassName}"),
            0x80041002 => (FailureReason.NotHere, $"class {query.ClassName} in {query.Namespace} lacks what was asked for"),
            0x80041017 or 0x80041018 or 0x80041021 or 0x80041058 => (FailureReason.Error, $"WMI does not take the query '{query.Text}': check the condition and the names of the properties"),
            0x80041004 or 0x80041011 or 0x80041012 or 0x80041013 or 0x80041014 => (FailureReason.Error, $"the provider of {query.ClassName} in {query.Namespace} fails"),
            0x80041006 or 0x8004106C => (FailureReason.Error, $"WMI has reached a limit of memory or handles with '{query.Text}'"),
            0x80040154 => (FailureReason.NotHere, "WMI is not installed"),
            _ when IsDisconnect(result) => (FailureReason.Error, "the service of WMI (Winmgmt) does not answer"),
            _ => (FailureReason.Error, $"WMI fails with '{query.Text}'"),
        };
        return new SourceException(reason, $"{text} (0x{result:X8})");
    }

    /// <summary>Whether the connection is gone, so that a new one may work: the service was restarted.</summary>
    public static bool IsDisconnect(int result) => (uint)result is
        0x80041015 // transport failure
        or 0x80041033 // the service shuts down
        or 0x80010108 // the object is disconnected from its clients
        or 0x800401FD // the object is not connected to the server
        or 0x800706BA // the server is unavailable
        or 0x800706BE; // the call failed
}
