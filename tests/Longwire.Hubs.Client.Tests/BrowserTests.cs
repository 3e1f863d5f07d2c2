using System.Reflection;
using System.Runtime.Versioning;

namespace Longwire.Hubs.Client.Tests;

/// <summary>The client needs sockets, which a browser's programs don't have.</summary>
public sealed class BrowserTests
{
    [Theory]
    [InlineData(typeof(HubClient))]
    [InlineData(typeof(HubClientRoom))]
    [InlineData(typeof(ResilientWebSocket))]
    public void A_browser_s_program_is_warned_by_the_compiler(Type type) =>
        Assert.Contains(
            type.GetCustomAttributes<UnsupportedOSPlatformAttribute>(),
            static attribute => attribute.PlatformName == "browser"
        );
}
