namespace Longwire.Yjs;

/// <summary>The failures that an edit survives once another client has seen it.</summary>
public enum YjsDurability
{
    /// <summary>
    /// The end of this process, also by SIGKILL: the operating system has it. The fastest. A power cut may take the last seconds.
    /// </summary>
    Process,

    /// <summary>A power cut, too: the disk has it. Edits that come while the disk writes go together in the next write.</summary>
    Disk,
}
