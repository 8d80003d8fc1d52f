namespace Weir.Agent.Collectors.Scraping;

/// <summary>What a relabelling rule does.</summary>
internal enum RelabelAction
{
    /// <summary>Sets a label where the expression matches; an empty value removes it.</summary>
    Replace,

    /// <summary>Goes on with the sample only where the expression matches.</summary>
    Keep,

    /// <summary>Goes on with the sample only where the expression does not match.</summary>
    Drop,

    /// <summary>Removes the labels whose names match.</summary>
    LabelDrop,

    /// <summary>Removes the labels whose names do not match.</summary>
    LabelKeep,

    /// <summary>Copies the labels whose names match to other names.</summary>
    LabelMap,
}
