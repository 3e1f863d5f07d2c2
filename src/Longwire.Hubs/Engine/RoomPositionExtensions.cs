namespace Longwire.Hubs.Engines;

internal static class RoomPositionExtensions
{
    /// <summary>Whether it is a position, or one before that in the same sequence.</summary>
    public static bool IsPartOf(this RoomPosition read, RoomPosition position) =>
        read.Offset <= position.Offset && read.Epoch == position.Epoch && (read.Offset < position.Offset || read.Tag == position.Tag);
}
