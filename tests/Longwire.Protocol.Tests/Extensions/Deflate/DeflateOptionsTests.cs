namespace Longwire.Protocol.Tests;

public sealed class DeflateOptionsTests
{
    [Fact]
    public void The_defaults_are_the_documented_ones()
    {
        var options = new DeflateOptions();
        Assert.False(options.Enabled);
        Assert.True(options.ServerNoContextTakeover);
        Assert.True(options.ClientNoContextTakeover);
        Assert.Equal(15, options.ServerMaxWindowBits);
        Assert.Equal(15, options.ClientMaxWindowBits);
        Assert.Equal(2, options.Level);
        Assert.Equal(8, options.MemoryLevel);
        Assert.Equal(256, options.ThresholdBytes);
    }

    [Fact]
    public void Values_out_of_range_are_refused_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(DeflateOptions.ServerMaxWindowBits),
            () => new DeflateOptions { ServerMaxWindowBits = 8 }
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(DeflateOptions.ServerMaxWindowBits),
            () => new DeflateOptions { ServerMaxWindowBits = 16 }
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(DeflateOptions.ClientMaxWindowBits),
            () => new DeflateOptions { ClientMaxWindowBits = 8 }
        );
        Assert.Throws<ArgumentOutOfRangeException>(nameof(DeflateOptions.Level), () => new DeflateOptions { Level = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(DeflateOptions.Level), () => new DeflateOptions { Level = 10 });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(DeflateOptions.MemoryLevel), () => new DeflateOptions { MemoryLevel = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(DeflateOptions.ThresholdBytes), () => new DeflateOptions { ThresholdBytes = -1 });
    }
}
