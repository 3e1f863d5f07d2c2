using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>The class of a template's rooms.</summary>
internal sealed class LiveRoomType([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
{
    /// <summary>Makes a room with its constructor's services.</summary>
    public LiveRoom Create(IServiceProvider services) => (LiveRoom)ActivatorUtilities.CreateInstance(services, type);
}
