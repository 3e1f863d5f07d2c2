namespace Longwire.Cli.Listen;

/// <summary>One client of <c>longwire listen</c>.</summary>
/// <param name="Id">Its number, from 1.</param>
/// <param name="Connection">Its connection.</param>
/// <param name="Address">Where it comes from.</param>
/// <param name="Path">The path that it asked for, without the query.</param>
internal sealed record ListenClient(int Id, WebSocketConnection Connection, string Address, string Path)
{
    /// <summary>How many messages it has sent.</summary>
    public int Messages { get; set; }
}
