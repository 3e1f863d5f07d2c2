namespace Longwire.Hubs.Benchmarks;

/// <summary>Hubs with every rate there is, so high that nothing is refused, and with none.</summary>
internal static class Limits
{
    public static LongwireHubOptions All()
    {
        var rate = new RateLimitOptions { MessagesPerSecond = 1e9, Burst = int.MaxValue };
        var bytes = new ByteRateOptions { BytesPerSecond = 1e12, Burst = long.MaxValue / 2 };
        LongwireHubOptions options = None();
        options.SessionRateLimit = options.RateLimit = options.AddressRateLimit = rate;
        options.SessionByteRate = options.ByteRate = options.AddressByteRate = bytes;
        options.SessionJoinRate = options.JoinRate = options.AddressJoinRate = rate;
        options.Rooms.Default = new RoomOptions
        {
            AnnouncedMembers = 0,
            MessageRate = rate,
            ByteRate = bytes,
            JoinRate = rate,
        };
        return options;
    }

    public static LongwireHubOptions None()
    {
        var options = new LongwireHubOptions
        {
            AllowGuests = true,
            RateLimit = null,
            ByteRate = null,
            AddressRateLimit = null,
            AddressByteRate = null,
        };
        options.Rooms.Default = new RoomOptions { AnnouncedMembers = 0 };
        return options;
    }
}
