WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLongwireHub(hub =>
{
    hub.AllowGuests = true;
    hub.AllowChat = true;
    hub.Welcome = "Connected to server";
    hub.AnnouncedConnections = 100;
});
WebApplication app = builder.Build();
app.MapLongwireHub("/");
app.Run();
