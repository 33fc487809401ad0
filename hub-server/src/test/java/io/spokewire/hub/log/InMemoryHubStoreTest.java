package io.spokewire.hub.log;

import io.spokewire.hub.testing.Samples;

class InMemoryHubStoreTest extends HubStoreContract {
  @Override
  HubStore create() {
    return new InMemoryHubStore(Samples.BEGINNING);
  }

  @Override
  HubStore afterCrash(HubStore before) {
    ((InMemoryHubStore) before).crash();
    return before;
  }
}
