using System.Security.Claims;

namespace Longwire.Hubs.Tests;

public sealed class HubIdentityTests
{
    [Fact]
    public void The_name_identifier_is_the_id_and_the_name_the_username()
    {
        var principal = new ClaimsPrincipal(
            new ClaimsIdentity([new(ClaimTypes.Name, "Ann"), new(ClaimTypes.NameIdentifier, "u1")], "test")
        );
        Assert.Equal(new HubIdentity("u1", "Ann"), HubIdentity.FromPrincipal(principal));
    }

    [Fact]
    public void The_subject_and_then_the_name_stand_in_for_the_id()
    {
        Assert.Equal("s1", HubIdentity.FromPrincipal(new ClaimsPrincipal(new ClaimsIdentity([new("sub", "s1")], "test")))!.UserId);
        Assert.Equal(
            "Ann",
            HubIdentity.FromPrincipal(new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "Ann")], "test")))!.UserId
        );
    }

    [Fact]
    public void Nobody_is_nobody()
    {
        Assert.Null(HubIdentity.FromPrincipal(null));
        Assert.Null(HubIdentity.FromPrincipal(new ClaimsPrincipal(new ClaimsIdentity([new("sub", "s1")]))));
        Assert.Null(HubIdentity.FromPrincipal(new ClaimsPrincipal(new ClaimsIdentity([], "test"))));
    }
}
