using Tapline.Store;

namespace Tapline.Tests.Store;

public sealed class MemoryStoreTests : StoreContract
{
    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new MemoryStore());
}
