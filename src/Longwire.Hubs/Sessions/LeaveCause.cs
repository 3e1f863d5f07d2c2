namespace Longwire.Hubs;

/// <summary>Why a session left a room.</summary>
public enum LeaveCause
{
    /// <summary>The client left, or said goodbye.</summary>
    Left,

    /// <summary>The connection was lost, and did not come back in time.</summary>
    Lost,

    /// <summary>The application or a policy threw the session out.</summary>
    Kicked,
}
