namespace Longwire.Hubs;

/// <summary>The rights that a token of the administration has.</summary>
[Flags]
internal enum AdminRights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To look.</summary>
    Read = 1,

    /// <summary>To kick, revoke, ban and drain.</summary>
    Act = 2,

    /// <summary>To see in a trace what people say.</summary>
    Contents = 4,
}
