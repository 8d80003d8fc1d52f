namespace Weir.Agent.Collectors.Linux;

/// <summary>A value in one of a collector's files.</summary>
/// <param name="File">Index of the file.</param>
/// <param name="Name">The key, written as the file's <see cref="FieldForm"/> says.</param>
/// <param name="Other">What is added to it where the host has it.</param>
/// <param name="OtherFactor">What the other is multiplied by before: -1 takes it away.</param>
internal sealed record FieldKey(int File, string Name, FieldKey? Other = null, double OtherFactor = 1);
