using System.Globalization;
using System.Reflection;
using Longwire.Client;
using Longwire.Transport.Linux;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Longwire.AspNetCore.Tests;

/// <summary>Endpoints' options from configuration: they hold for those endpoints and for nothing else in the process.</summary>
public sealed class EndpointConfigurationTests
{
    [Fact]
    public void Configuration_sets_limits_and_times_of_the_connections()
    {
        WebSocketEndpointOptions options = Bind(
            ("Connection:MaxMessageBytes", "12345"),
            ("Connection:PingInterval", "00:00:07"),
            ("Connection:SendQueueFullMode", "Disconnect"),
            ("Connection:Deflate:Enabled", "true"),
            ("MaxConnections", "9"),
            ("Subprotocols:0", "chat.v1")
        );
        Assert.Equal(12_345, options.Connection.MaxMessageBytes);
        Assert.Equal(TimeSpan.FromSeconds(7), options.Connection.PingInterval);
        Assert.Equal(SendQueueFullMode.Disconnect, options.Connection.SendQueueFullMode);
        Assert.True(options.Connection.Deflate.Enabled);
        Assert.Equal(9, options.MaxConnections);
        Assert.Equal(["chat.v1"], options.Subprotocols);
    }

    [Fact]
    public void Configuration_changes_no_default()
    {
        Bind(("Connection:MaxFragments", "12"), ("Connection:Deflate:MemoryLevel", "1"), ("Subprotocols:0", "chat.v1"));
        Assert.Equal(new WebSocketConnectionOptions(), WebSocketConnectionOptions.Default);
        Assert.Equal(131_072, WebSocketConnectionOptions.Default.MaxFragments);
        Assert.Equal(8, WebSocketConnectionOptions.Default.Deflate.MemoryLevel);
        Assert.Equal(new WebSocketConnectionOptions(), new WebSocketEndpointOptions().Connection);
        Assert.Empty(new WebSocketEndpointOptions().Subprotocols);
    }

    [Fact]
    public async Task An_endpoint_that_binds_its_own_section_leaves_the_others_alone()
    {
        IConfiguration own = Configuration(("Connection:MaxMessageBytes", "10"), ("Connection:Deflate:ThresholdBytes", "1"));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddLongwire();
        await using WebApplication application = builder.Build();
        WebSocketEndpointOptions? first = null;
        WebSocketEndpointOptions? second = null;
        application.MapWebSocket(
            "/first",
            new EchoHandler(),
            endpoint =>
            {
                own.Bind(endpoint);
                first = endpoint;
            }
        );
        application.MapWebSocket("/second", new EchoHandler(), endpoint => second = endpoint);
        _ = Endpoints(application);
        Assert.Equal((10, 1), (first!.Connection.MaxMessageBytes, first.Connection.Deflate.ThresholdBytes));
        Assert.Equal((1 << 20, 256), (second!.Connection.MaxMessageBytes, second.Connection.Deflate.ThresholdBytes));
    }

    /// <summary>An object of defaults that anybody can reach must be out of the binder's reach, as must all that hangs on it.</summary>
    [Theory]
    [InlineData(typeof(WebSocketConnectionOptions))]
    [InlineData(typeof(ReceiverLimits))]
    [InlineData(typeof(DeflateOptions))]
    [InlineData(typeof(WebSocketEndpointOptions))]
    [InlineData(typeof(WebSocketClientOptions))]
    [InlineData(typeof(LoopConnectOptions))]
    [InlineData(typeof(EventLoopOptions))]
    public void No_object_of_defaults_that_all_share_can_be_changed(Type inAssembly)
    {
        foreach (Type type in inAssembly.Assembly.GetExportedTypes())
        {
            foreach (PropertyInfo shared in type.GetProperties(BindingFlags.Public | BindingFlags.Static))
            {
                if (shared.GetIndexParameters().Length != 0 || Settable(shared.PropertyType).Length == 0)
                {
                    continue;
                }

                AssertUnchangeable(() => shared.GetValue(null)!, shared.GetValue(null)!, $"{type.Name}.{shared.Name}");
            }
        }
    }

    [Fact]
    public void Origins_are_bound_from_a_list()
    {
        OriginRule origins = RuleOf(Bind(("Origins:0", "https://app.example.com"), ("Origins:1", "https://*.example.org")));
        Assert.True(origins.Allows("https://app.example.com", "server"));
        Assert.True(origins.Allows("https://a.example.org", "server"));
        Assert.False(origins.Allows("https://server", "server"));
    }

    [Fact]
    public void Origins_are_bound_from_one_text()
    {
        OriginRule origins = RuleOf(Bind(("Origins", "https://app.example.com, https://*.example.org")));
        Assert.True(origins.Allows("https://app.example.com", "server"));
        Assert.True(origins.Allows("https://a.example.org", "server"));
        Assert.False(origins.Allows("https://server", "server"));
        Assert.True(RuleOf(Bind(("Origins", "*"))).Allows("https://anything.example", "server"));
    }

    [Theory]
    [InlineData("Origins", "app.example.com")]
    [InlineData("Origins:0", "app.example.com")]
    [InlineData("MaxConnections", "-1")]
    [InlineData("MaxConnectionsPerAddress", "-1")]
    [InlineData("RetryAfter", "-00:00:01")]
    [InlineData("Subprotocols:0", "chat v1")]
    [InlineData("Connection:PingInterval", "-00:00:05")]
    [InlineData("Connection:MaxMessageBytes", "0")]
    [InlineData("Connection:Deflate:Level", "12")]
    public async Task A_wrong_value_keeps_the_application_from_starting_and_its_key_is_named(string key, string value)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddLongwire();
        builder.Services.Configure<WebSocketEndpointOptions>(Configuration((key, value)));
        await using WebApplication application = builder.Build();
        Exception? fault = await Record.ExceptionAsync(() => application.StartAsync());
        Assert.NotNull(fault);
        Assert.Contains(key.Split(':')[^1] is "0" ? key.Split(':')[^2] : key.Split(':')[^1], Texts(fault), StringComparison.Ordinal);
    }

    private static IReadOnlyList<Endpoint> Endpoints(WebApplication application) =>
        [.. ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)application).DataSources.SelectMany(static source => source.Endpoints)];

    private static OriginRule RuleOf(WebSocketEndpointOptions options) => options.Origins;

    private static WebSocketEndpointOptions Bind(params (string Key, string Value)[] values)
    {
        var services = new ServiceCollection();
        services.Configure<WebSocketEndpointOptions>(Configuration(values));
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<WebSocketEndpointOptions>>().Value;
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(static value => new KeyValuePair<string, string?>(value.Key, value.Value)))
            .Build();

    private static string Texts(Exception exception) =>
        exception is AggregateException several
            ? string.Join('\n', several.InnerExceptions.Select(Texts))
            : exception.Message + "\n" + (exception.InnerException is { } inner ? Texts(inner) : "");

    private static PropertyInfo[] Settable(Type type) =>
        type.Namespace?.StartsWith("Longwire", StringComparison.Ordinal) == true && type.IsClass
            ?
            [
                .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(static property => property.GetIndexParameters().Length == 0 && property.SetMethod is { IsPublic: true }),
            ]
            : [];

    // Sets each property to another value, as the binder does, and looks whether who asks for the defaults then sees it.
    private static void AssertUnchangeable(Func<object> get, object changed, string path)
    {
        foreach (PropertyInfo property in Settable(changed.GetType()))
        {
            object? before = property.GetValue(get());
            if (Other(before) is { } other)
            {
                Exception? refusal = Record.Exception(() => property.SetValue(changed, other));
                object? after = property.GetValue(get());
                if (refusal is null)
                {
                    property.SetValue(changed, before);
                }

                Assert.True(
                    Equals(before, after),
                    string.Create(CultureInfo.InvariantCulture, $"{path}.{property.Name} was {before}, is {after}")
                );
            }
            else if (before is not null && Settable(before.GetType()).Length != 0)
            {
                AssertUnchangeable(() => property.GetValue(get())!, property.GetValue(changed)!, $"{path}.{property.Name}");
            }
        }
    }

    private static object? Other(object? value) =>
        value switch
        {
            int number => number == 8 ? 9 : 8,
            long number => number + 1,
            bool flag => !flag,
            TimeSpan time => time == TimeSpan.FromSeconds(3) ? TimeSpan.FromSeconds(4) : TimeSpan.FromSeconds(3),
            SendQueueFullMode mode => mode == SendQueueFullMode.Wait ? SendQueueFullMode.Disconnect : SendQueueFullMode.Wait,
            _ => null,
        };
}
