/**
 * The schemas of released versions: for each object of the database the SHA-256 of the statement that made it, as
 * `sqlite_master` keeps it. A database of that version has these objects and no others.
 */
export const RELEASED_SCHEMAS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  // 0.1.0
  1: {
    begun_at_seq: '11c0898946b48ca3ea243b7c3ce7adc377365c4a166e2f919d204c21780ba2da',
    begun_by_type: '049715956aa8674aefdba5ddec4dc1ad0b7c1434838d28e9b2ce674864e7b2ac',
    claims: '6645e069cf55fb50373bc33bd29b486b8e7a955ceb4a6f4464cb856b113aa063',
    claims_of_path: '0eeda3a43fe88b20c6eb364f138ab71e77e745fd19c2091c68e4dabc84e8e779',
    claims_of_runner: '0a815d93097143dddd3f4150b8ced0d617f313cc8b24e23f69e3c3474f88c399',
    commit_plans: 'c2e424b64385a285b3fa19065383b43acdc70ae47c76d01976bd21550f15a29c',
    commits: '99dc047b650eb9324aaa7c767901908ce47101fcb869e0c6ce25eda21035b8f4',
    completed_tasks: '621104f9ca98ad7848519f0df1833af23589a293d382224b05b67274b33fcde1',
    control_table: 'cefa64a38d4b4bca59296703f64a923f27567b3aad7656deb82225ce66ebc8f0',
    control_table_forgets_reads_only: 'a67a935136f2fefcc5f7c0d2ffbb838322307db2ddd68bfc0db064a1f568b925',
    control_table_keeps: '5b56129e7999be67baa0fdedd0ca6e7cc6e7bc465991820da919ee86b9bf07a0',
    control_table_replaces_nothing: '8bb767034d24da60ffd4bbfa43b7f70cfe55555324b541d8e2d81a9f980aefbc',
    failed_tasks: '665eb6abad417aff6d3a9c496cb5ef9cb5f73a78a3115d9798c90239d1159a2d',
    groups_of_path: '30916c524d74942a8fb3325ac828c4ccdf97d2c73e8beb5f3db1557873d45e88',
    meta: '15317d6728e6539b20d0a4910e3a4b4593bf2ccc6f67a331842dab8247488427',
    open_transactions: 'e7c5e2a3565234ee08bf49b052e7b708855567df6d45fb27ce36b55974084f06',
    plans: '1dcbb469e4ed5bd355729a6ca8cb4ad08852a3be7bae22126f3971431dff2af9',
    post_commit_tasks: '8d2c1a5cc5707479c9c2a3a10ab5592ba096b6d1356f09a59d82a6b835d958de',
    process_groups: '471f469f7c4c0a6a6284286116e4d97c33e830651292e574e5a8834fdba91964',
    records_of_transaction: 'bb0851805b16a9e1e33c0d95ed576ed03b0b2eda53bc4e0489e42021c81e2692',
    runners: 'b82fe39f3e84eb45e05231e1529b5c71eeb5d385dba8d370344b18f4dc3dd240',
    running_claims: '3c839be34a6c25a31e1a7e566b2a3f47ce9ca6322b6c2b9744daeecc260a8d4c',
    task_changes: '794545cc78741358bc8d6e5dbfeeeb474b3c17eafb18b5e2464d7f56313f50bf',
    task_states: '0006d10e56c7dd0c294e90915cfe5b21fc0fc6a7380e8819409ddf6941eb9034',
    transaction_closes: '07c3e7f7f9fba8432f8124c28fc1c645160415e1ac9ff31188b8dcd761e42668',
    transaction_commits: '051e20b841f36e5d54b0e6d270498566e60954a27269b08f0f6e83188f1fab75',
    transaction_opens: '37b62ab43f5e62a11b63d550e1016ef337719214eae52f2a9f9822868bc04fad',
    transactions: 'b38041f35d97ac5fc878c27c3b8ac1f45780ad1b8fecf14343692815711ff360',
    unfinished_tasks: 'd6743426744ad7c728a865f0e208cffcecee3d68214d29e33ab2178cc121f24c',
  },
};
