using Longwire.Hubs;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLongwireHub(hub =>
{
    hub.MaxConnections = 1_000;
    hub.Connection.PingInterval = TimeSpan.FromSeconds(30);
});
WebApplication app = builder.Build();
LongwireHubEndpointBuilder hub = app.MapLongwireHub("/");
hub.OnAuthenticate(
    (AuthenticateRequest auth) =>
        auth.Token == "valid-token" ? auth.Accept(userId: auth.ClientId, username: auth.Username) : auth.Refuse("Invalid token")
);
hub.MapRoom("{room}").WithPresence();
app.Run();
