namespace Longwire.Hubs;

/// <summary>
/// How much room is made in what holds something of every member: a quarter more each time. By doubling, a quarter of it would be empty on
/// average, in a place of which there is one for each member.
/// </summary>
internal static class Growth
{
    private const int Least = 4;

    /// <summary>The next capacity of something that is full.</summary>
    public static int After(int count) => count + Math.Max(Least, count / 4);

    /// <summary>Makes room for one more.</summary>
    public static void MakeRoom<T>(HashSet<T> set)
    {
        if (set.Count == set.Capacity)
        {
            set.EnsureCapacity(After(set.Count));
        }
    }
}
