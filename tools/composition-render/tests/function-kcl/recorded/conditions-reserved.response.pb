

conditions-reserved<OIcannot set ClaimCondition type: Synced is a reserved Crossplane Condition 2

AR(