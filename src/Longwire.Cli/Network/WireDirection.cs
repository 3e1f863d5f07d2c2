namespace Longwire.Cli.Network;

/// <summary>Which way something goes.</summary>
internal enum WireDirection
{
    Sent,
    Received,
}
